/* SPDX-License-Identifier: MIT */
/*
 * Records of runs as plain data: their memory, and the copy of a run in memory.
 */
#include "plan/bounds.h"
#include "plan/intervals.h"

#include <dagrun/past-run.h>

DagPastRun *
dag_past_run_new(void)
{
    DagPastRun *past = g_new0(DagPastRun, 1);

    past->tasks = g_array_new(FALSE, FALSE, sizeof(DagPastTask));
    past->attempts = g_array_sized_new(FALSE, FALSE, sizeof(DagPastAttempt), 16);
    past->phases = g_array_new(FALSE, FALSE, sizeof(DagPastPhase));
    past->pools = g_array_new(FALSE, FALSE, sizeof(DagPastPool));
    past->params = g_array_new(FALSE, FALSE, sizeof(DagPastParam));
    past->excluded = g_ptr_array_new();
    past->texts = g_string_chunk_new(4096);
    return past;
}

void
dag_past_run_free(DagPastRun *past)
{
    if (!past)
        return;
    g_array_unref(past->tasks);
    g_array_unref(past->attempts);
    g_array_unref(past->phases);
    g_array_unref(past->pools);
    g_array_unref(past->params);
    g_ptr_array_unref(past->excluded);
    g_string_chunk_free(past->texts);
    g_free(past);
}

static const char *
keep(DagPastRun *past, const char *text)
{
    return text ? g_string_chunk_insert(past->texts, text) : NULL;
}

const char *
dag_past_run_keep(DagPastRun *past, const char *text)
{
    g_return_val_if_fail(past, NULL);
    return keep(past, text);
}

static bool
is_on_connection(const DagGraph *graph, DagTaskId id)
{
    return dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_CONNECTION;
}

/* Add the attempts of a task, and the durations that follow from them. */
static void
add_attempts(DagPastRun *past, const DagRun *run, DagTaskId id, DagPastTask *task)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));

    task->first_attempt = past->attempts->len;
    for (unsigned i = 0; i < task->n_attempts; i++) {
        DagAttempt attempt = dag_run_attempt(run, id, i);
        DagPastAttempt copy = {
            .start_ns = attempt.start_ns,
            .end_ns = attempt.end_ns,
            .reason = keep(past, attempt.reason),
            .outcome = attempt.outcome,
            .worker = is_on_connection(graph, id) ? -1 : attempt.worker,
            .exit_code = attempt.exit_code,
        };

        g_array_append_val(past->attempts, copy);
        task->worker = copy.worker;
    }
    if (task->n_attempts > 0) {
        task->duration_ns = task->end_ns - task->start_ns;
        task->busy_ns = dag_run_busy_ns(run, id);
    }
}

static void
add_task(DagPastRun *past, const DagRun *run, DagTaskId id)
{
    const DagPlan *plan = dag_run_plan(run);
    const DagGraph *graph = dag_plan_graph(plan);
    DagRecord record = dag_run_record(run, id);
    bool has_failed = record.outcome == DAG_FAILED || record.outcome == DAG_TIMED_OUT;
    DagPastTask task = {
        .id = keep(past, dag_graph_task_name(graph, id)),
        .reason = keep(past, dag_run_reason(run, id)),
        .start_ns = record.start_ns,
        .end_ns = record.end_ns,
        .duration_ns = -1,
        .busy_ns = -1,
        .cost = dag_plan_cost_is_known(plan, id) ? dag_plan_cost(plan, id) : -1,
        .phase = dag_plan_phase(plan, id) + 1,
        .n_attempts = record.n_attempts,
        .outcome = record.outcome,
        .worker = -1,
        .exit_code = record.exit_code,
        .allowed = has_failed && dag_graph_task_policy(graph, id)->allow_failure,
    };

    add_attempts(past, run, id, &task);
    g_array_append_val(past->tasks, task);
}

static void
add_phases(DagPastRun *past, const DagRun *run)
{
    const DagPlan *plan = dag_run_plan(run);

    for (uint32_t number = 0; number < dag_plan_n_phases(plan); number++) {
        DagPastPhase phase = {
            .title = keep(past, dag_plan_phase_title(plan, number)),
            .number = number + 1,
            .n_tasks = (uint32_t)dag_plan_phase_tasks(plan, number).n,
        };

        dag_run_phase_span(run, number, &phase.start_ns, &phase.end_ns);
        phase.timing_ns = phase.start_ns < 0 ? 0 : phase.end_ns - phase.start_ns;
        g_array_append_val(past->phases, phase);
    }
}

/* Add the parameters, the pools and the names of excluded tasks. */
static void
add_lists(DagPastRun *past, const DagGraph *graph)
{
    size_t n_params, n_pools;
    const DagParam *params = dag_graph_params(graph, &n_params);
    const DagPool *pools = dag_graph_pools(graph, &n_pools);

    for (size_t i = 0; i < n_params; i++) {
        bool is_hidden = params[i].is_secret && params[i].value;
        DagPastParam param = {
            .name = keep(past, params[i].name),
            .value = is_hidden ? "***" : keep(past, params[i].value),
        };

        g_array_append_val(past->params, param);
    }
    for (size_t i = 0; i < n_pools; i++) {
        DagPastPool pool = {.name = keep(past, pools[i].name),
                            .lower_bound_ns = -1,
                            .period_ns = pools[i].rate.period_ns,
                            .count = pools[i].rate.count,
                            .burst = pools[i].burst,
                            .tokens_period_ns = pools[i].tokens.period_ns,
                            .tokens_count = pools[i].tokens.count,
                            .slots = pools[i].slots};

        g_array_append_val(past->pools, pool);
    }
    for (const char *const *name = dag_graph_excluded(graph); *name; name++)
        g_ptr_array_add(past->excluded, (gpointer)keep(past, *name));
}

static void
set_bound(DagPastRun *past, const DagRun *run)
{
    const DagPlan *plan = dag_run_plan(run);
    size_t n_tasks = dag_graph_n_tasks(dag_plan_graph(plan));
    DagMachine machine = {dag_run_n_workers(run), dag_run_n_connections(run)};
    g_autofree double *durations = g_new(double, n_tasks + 1);
    bool has_pauses = false;
    DagBound bound;

    for (DagTaskId id = 0; id < n_tasks; id++)
        durations[id] =
            dag_run_record(run, id).start_ns < 0 ? -1 : (double)dag_run_busy_ns(run, id);
    for (DagTaskId id = 0; id < n_tasks; id++)
        has_pauses |= dag_run_record(run, id).n_attempts > 1;
    bound = dag__plan_bound(plan, &machine, durations, IN_NANOSECONDS);
    if (!has_pauses)
        dag__raise_measured(dag_plan_graph(plan), durations, machine.n_workers, &bound);
    /* The largest time becomes a number beyond it. */
    past->lower_bound_ns =
        bound.duration < (double)G_MAXINT64 ? (int64_t)bound.duration : G_MAXINT64;
}

static void
set_stops(DagPastRun *past, const DagRun *run)
{
    for (DagStop reason = DAG_STOP_FAILURE; reason <= DAG_STOP_TIMEOUT; reason++)
        past->stops[reason] = dag_run_stopped_by(run, reason);
    past->stop = dag_run_stop(run);
    past->signal = dag_run_signal(run);
}

DagPastRun *
dag_past_run_of(const DagRun *run)
{
    g_return_val_if_fail(run, NULL);

    DagPastRun *past = dag_past_run_new();
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    DagIds declared = dag_graph_declared(graph);

    past->graph = keep(past, dag_graph_name(graph));
    past->strategy = keep(past, dag_run_strategy(run)->name);
    past->has_barrier = dag_run_strategy(run)->release == DAG_RELEASE_PHASE;
    past->seed = dag_run_seed(run);
    past->grace_ns = dag_run_grace_ns(run);
    past->timeout_ns = dag_run_timeout_ns(run);
    past->duration_ns = dag_run_duration_ns(run);
    past->makespan_ns = dag_run_makespan_ns(run);
    past->n_workers = dag_run_n_workers(run);
    past->n_connections = dag_run_n_connections(run);
    past->retries = dag_run_retries(run);
    past->n_allowed = (uint32_t)dag_run_n_allowed(run);
    past->is_simulated = dag_run_is_simulated(run);
    past->keep_going = dag_run_keeps_going(run);
    past->succeeded = dag_run_succeeded(run);
    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++)
        past->counts[outcome] = (uint32_t)dag_run_count(run, outcome);
    set_stops(past, run);
    for (size_t i = 0; i < declared.n; i++)
        add_task(past, run, declared.ids[i]);
    add_phases(past, run);
    add_lists(past, graph);
    set_bound(past, run);
    return past;
}
