/* SPDX-License-Identifier: MIT */
/*
 * The measures of a run are those of its plan (plan/ranks.h, plan/bounds.h), with measured
 * durations in place of expected costs.
 */
#include "report/measures.h"

#include "plan/bounds.h"
#include "plan/intervals.h"
#include "plan/ranks.h"

static void
add_task(Measures *measures, const DagRun *run, DagTaskId id)
{
    PhaseMeasures *phase = &measures->phases[dag_plan_phase(dag_run_plan(run), id)];
    DagRecord record = dag_run_record(run, id);

    if (record.start_ns < 0)
        return;
    if (phase->start_ns < 0 || record.start_ns < phase->start_ns)
        phase->start_ns = record.start_ns;
    if (record.end_ns > phase->end_ns) {
        phase->end_ns = record.end_ns;
        phase->last = id;
    }
    measures->n_started++;
    if (!dag__is_on_connection(run, id)) {
        measures->n_on_workers++;
        phase->busy_ns += dag_run_busy_ns(run, id);
    }
}

/* Find the longest chain of measured durations. */
static void
find_critical_path(Measures *measures, const DagGraph *graph, const double *durations)
{
    g_autofree double *ranks = g_new(double, dag_graph_n_tasks(graph));

    dag__ranks(graph, durations, ranks);
    measures->critical_path = dag__longest_chain(graph, durations, ranks);
    if (measures->critical_path->len > 0)
        measures->critical_path_ns =
            (int64_t)ranks[g_array_index(measures->critical_path, DagTaskId, 0)];
}

/* Round up to whole nanoseconds, except for the rounding errors of additions. */
static int64_t
whole_ns(double ns)
{
    double least = ns * (1 - 1e-12);
    int64_t whole = (int64_t)least;

    return whole + ((double)whole < least);
}

static void
find_bounds(Measures *measures, const DagRun *run, const double *durations)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    DagMachine machine = {dag_run_n_workers(run), dag_run_n_connections(run)};
    size_t n_pools;
    Work work;

    dag__work_init(&work, graph, IN_NANOSECONDS);
    work.is_measured = !dag_run_is_simulated(run);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        dag__work_add(&work, graph, id, durations[id]);
    measures->worker_ns = (int64_t)work.workers;
    measures->connection_ns = (int64_t)work.connections;

    dag_graph_pools(graph, &n_pools);
    measures->pool_ns = g_new0(int64_t, n_pools + 1);
    measures->rate_ns = g_new0(int64_t, n_pools + 1);
    for (uint32_t i = 0; i < n_pools; i++) {
        measures->pool_ns[i] = whole_ns(dag__work_of_pool(&work, graph, i));
        measures->rate_ns[i] = whole_ns(dag__work_of_rate(&work, graph, i));
    }
    measures->bound =
        dag__work_bound(&work, graph, &machine, (double)measures->critical_path_ns);
    if (dag__is_without_pauses(run))
        dag__raise_measured(graph, durations, machine.n_workers, &measures->bound);
    measures->lower_bound_ns =
        MAX(measures->critical_path_ns, whole_ns(measures->bound.duration));
    dag__work_clear(&work);
}

/* A task that never started is left out: a clean-up after it need not have waited for the tasks
 * before it.  Nanoseconds are exact in a double below 2^53, which is 104 days. */
static void
measure_tasks(Measures *measures, const DagRun *run)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    size_t n_tasks = dag_graph_n_tasks(graph);
    g_autofree double *durations = g_new0(double, n_tasks);

    for (DagTaskId id = 0; id < n_tasks; id++)
        durations[id] =
            dag_run_record(run, id).start_ns < 0 ? -1 : (double)dag_run_busy_ns(run, id);
    find_critical_path(measures, graph, durations);
    find_bounds(measures, run, durations);
}

Measures *
dag__measures_new(const DagRun *run)
{
    const DagPlan *plan = dag_run_plan(run);
    DagIds declared = dag_graph_declared(dag_plan_graph(plan));
    Measures *measures = g_new0(Measures, 1);

    measures->phases = g_new(PhaseMeasures, dag_plan_n_phases(plan));
    for (size_t i = 0; i < dag_plan_n_phases(plan); i++)
        measures->phases[i] =
            (PhaseMeasures){.start_ns = -1, .end_ns = -1, .last = DAG_TASK_NONE};
    for (size_t i = 0; i < declared.n; i++)
        add_task(measures, run, declared.ids[i]);
    measure_tasks(measures, run);
    return measures;
}

void
dag__measures_free(Measures *measures)
{
    if (!measures)
        return;
    g_free(measures->phases);
    g_free(measures->pool_ns);
    g_free(measures->rate_ns);
    g_array_unref(measures->critical_path);
    g_free(measures);
}

bool
dag__is_without_pauses(const DagRun *run)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run))); id++)
        if (dag_run_record(run, id).n_attempts > 1)
            return false;
    return true;
}

bool
dag__is_on_connection(const DagRun *run, DagTaskId id)
{
    return dag_graph_task_kind(dag_plan_graph(dag_run_plan(run)), id)->occupies ==
           DAG_OCCUPIES_CONNECTION;
}

bool
dag__has_failed(const DagRun *run, DagTaskId id)
{
    DagOutcome outcome = dag_run_record(run, id).outcome;

    return outcome == DAG_FAILED || outcome == DAG_TIMED_OUT;
}

bool
dag__is_allowed(const DagRun *run, DagTaskId id)
{
    return dag__has_failed(run, id) &&
           dag_graph_task_policy(dag_plan_graph(dag_run_plan(run)), id)->allow_failure;
}

int64_t
dag__phase_span_ns(const PhaseMeasures *phase)
{
    return phase->start_ns < 0 ? -1 : phase->end_ns - phase->start_ns;
}

int64_t
dag__phase_idle_ns(const DagRun *run, const PhaseMeasures *phase)
{
    if (phase->start_ns < 0)
        return 0;
    return dag_run_n_workers(run) * dag__phase_span_ns(phase) - phase->busy_ns;
}

void
dag__largest_offer(Largest *largest, uint32_t item, int64_t value)
{
    size_t smallest = 0;

    if (largest->n == largest->capacity) {
        for (size_t i = 1; i < largest->n; i++)
            if (largest->values[i] <= largest->values[smallest])
                smallest = i;
        if (largest->n == 0 || value <= largest->values[smallest])
            return;
        largest->n--;
        for (size_t i = smallest; i < largest->n; i++) {
            largest->items[i] = largest->items[i + 1];
            largest->values[i] = largest->values[i + 1];
        }
    }
    largest->items[largest->n] = item;
    largest->values[largest->n++] = value;
}

void
dag__largest_sort(Largest *largest)
{
    for (size_t i = 1; i < largest->n; i++)
        for (size_t j = i; j > 0 && largest->values[j] > largest->values[j - 1]; j--) {
            uint32_t item = largest->items[j];
            int64_t value = largest->values[j];

            largest->items[j] = largest->items[j - 1];
            largest->values[j] = largest->values[j - 1];
            largest->items[j - 1] = item;
            largest->values[j - 1] = value;
        }
}

uint32_t *
dag__critical_positions(const DagPlan *plan)
{
    DagIds path = dag_plan_critical_path(plan);
    uint32_t *positions = g_new0(uint32_t, dag_graph_n_tasks(dag_plan_graph(plan)));

    for (size_t i = 0; i < path.n; i++)
        positions[path.ids[i]] = (uint32_t)i + 1;
    return positions;
}

bool
dag__is_critical_step(const uint32_t *positions, DagTaskId pred, DagTaskId succ)
{
    return positions[pred] > 0 && positions[succ] == positions[pred] + 1;
}
