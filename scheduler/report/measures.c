/* SPDX-License-Identifier: MIT */
/*
 * The critical path of a run is found as that of a plan is (see plan/plan.c), with what tasks
 * took instead of what they were expected to cost.  Work over workers, or the longest chain:
 * the classical lower bounds of a makespan (Graham, 1966).  A pool is one more of them: no more
 * than its slots are in use at any moment, so its uses need at least their sum over its slots.
 */
#include "report/measures.h"

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
    phase->busy_ns += dag_run_busy_ns(run, id);
    measures->work_ns += dag_run_busy_ns(run, id);
    measures->n_started++;
}

/*
 * Find the longest chain of the durations that tasks really had.  A task that never started is
 * left out: a clean-up after it need not have waited for the tasks before it.
 */
static void
find_critical_path(Measures *measures, const DagRun *run)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    size_t n_tasks = dag_graph_n_tasks(graph);
    g_autofree double *took_ns =
        g_new(double, n_tasks); /* exact: below 2^53 ns, 104 days */
    g_autofree double *rank_ns = g_new(double, n_tasks);

    for (DagTaskId id = 0; id < n_tasks; id++)
        took_ns[id] =
            dag_run_record(run, id).start_ns < 0 ? -1 : (double)dag_run_busy_ns(run, id);
    dag__ranks(graph, took_ns, rank_ns);
    measures->critical_path = dag__longest_chain(graph, took_ns, rank_ns);
    if (measures->critical_path->len > 0)
        measures->critical_path_ns =
            (int64_t)rank_ns[g_array_index(measures->critical_path, DagTaskId, 0)];
}

/* A sum of nanoseconds x slots over the slots of a pool, without rounding. */
typedef struct Share {
    uint64_t ns;
    uint64_t rest; /* below the pool's slots */
} Share;

/* No product is beyond 64 bits: neither ns % all nor slots is more than UINT32_MAX. */
static void
share_add(Share *share, int64_t ns, uint32_t slots, uint32_t all)
{
    uint64_t rest = (uint64_t)ns % all * slots;

    share->ns += (uint64_t)ns / all * slots + rest / all;
    share->rest += rest % all;
    share->ns += share->rest / all;
    share->rest %= all;
}

static void
measure_pools(Measures *measures, const DagRun *run)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    size_t n_pools, n_uses;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    g_autofree Share *shares = g_new0(Share, n_pools);

    for (DagTaskId id = 0; n_pools > 0 && id < dag_graph_n_tasks(graph); id++) {
        const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);

        for (size_t i = 0; i < n_uses; i++)
            share_add(&shares[uses[i].pool], dag_run_busy_ns(run, id), uses[i].slots,
                      pools[uses[i].pool].slots);
    }
    measures->pool_ns = g_new(int64_t, n_pools);
    for (size_t i = 0; i < n_pools; i++)
        measures->pool_ns[i] = (int64_t)shares[i].ns + (shares[i].rest > 0);
}

static void
find_bound(Measures *measures, const DagRun *run)
{
    int64_t n_workers = dag_run_n_workers(run);
    size_t n_pools;

    dag_graph_pools(dag_plan_graph(dag_run_plan(run)), &n_pools);
    measures->bound_pool = NO_POOL;
    measures->lower_bound_ns =
        MAX(measures->critical_path_ns, (measures->work_ns + n_workers - 1) / n_workers);
    for (uint32_t i = 0; i < n_pools; i++)
        if (measures->pool_ns[i] > measures->lower_bound_ns) {
            measures->lower_bound_ns = measures->pool_ns[i];
            measures->bound_pool = i;
        }
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
    find_critical_path(measures, run);
    measure_pools(measures, run);
    find_bound(measures, run);
    return measures;
}

void
dag__measures_free(Measures *measures)
{
    if (!measures)
        return;
    g_free(measures->phases);
    g_free(measures->pool_ns);
    g_array_unref(measures->critical_path);
    g_free(measures);
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
dag__critical_places(const DagPlan *plan)
{
    DagIds path = dag_plan_critical_path(plan);
    uint32_t *places = g_new0(uint32_t, dag_graph_n_tasks(dag_plan_graph(plan)));

    for (size_t i = 0; i < path.n; i++)
        places[path.ids[i]] = (uint32_t)i + 1;
    return places;
}

bool
dag__is_critical_step(const uint32_t *places, DagTaskId pred, DagTaskId succ)
{
    return places[pred] > 0 && places[succ] == places[pred] + 1;
}
