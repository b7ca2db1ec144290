/* SPDX-License-Identifier: MIT */
/*
 * A case on the virtual clock.  Its attempts fail as those of real tasks do; the seed decides how
 * long they take.
 */
#include "property.h"

#include <dagrun/simulate.h>
#include <string.h>

#include "dice.h"

/* Return the length of an attempt; one in five takes no time. */
static int64_t
draw_length_ns(DagTaskId id, unsigned attempt)
{
    Dice dice = (probe.of->seed * 31 + id) * 31 + attempt;

    return dice_chance(&dice, 20) ? 0 : dice_below(&dice, 400) * INT64_C(1000);
}

/* A DagSimulateOptions.attempt; `data` is the reason given last. */
static DagSimulatedAttempt
simulate_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    const DagGraph *graph = dag_plan_graph(plan);
    int64_t timeout_ns = dag_graph_task_policy(graph, id)->timeout_ns;
    int64_t length_ns = draw_length_ns(id, attempt);
    bool is_cancelled = timeout_ns > 0 && length_ns > timeout_ns;
    bool fails = attempt <= probe.n_failures[id];
    DagOutcome outcome = fails ? DAG_FAILED : DAG_SUCCEEDED;
    GString *reason = data;

    probe_start(id);
    g_assert_cmpuint(attempt, ==, get(&probe.n_runs[id]));
    atomic_store_explicit(&probe.ended[id], is_cancelled ? DAG_CANCELLED : outcome,
                          memory_order_relaxed);
    g_string_printf(reason, "no luck with %s", dag_graph_task_name(graph, id));
    return (DagSimulatedAttempt){
        .seconds = (double)length_ns / 1e9,
        .outcome = outcome,
        .exit_code = DAG_EXIT_NONE,
        .reason = fails ? reason->str : NULL,
    };
}

/* The run's time limit cut attempts off after simulate_attempt() had decided how they end. */
static void
note_cut_attempts(const Case *c, const DagRun *run, int64_t timeout_ns)
{
    for (DagTaskId id = 0; id < c->n; id++) {
        DagRecord record = dag_run_record(run, id);

        if (record.outcome != DAG_CANCELLED || record.start_ns < 0)
            continue;
        g_assert_cmpint(timeout_ns, >, 0);
        g_assert_cmpint(dag_run_stop(run), !=,
                        DAG_STOP_NONE); /* a failure may come first */
        g_assert_cmpint(record.end_ns, ==, timeout_ns);
        g_assert_false(dag_graph_task_policy(c->graph, id)->always);
        atomic_store_explicit(&probe.ended[id], DAG_CANCELLED, memory_order_relaxed);
    }
}

static DagRun *
simulate_once(Case *c, int64_t timeout_ns)
{
    bool may_fail = !c->keep_going && (c->failure_percent > 0 || c->limited);
    g_autoptr(GString) reason = g_string_new(NULL);
    Watcher *watcher;
    DagObserver observer;
    DagRun *run;

    probe_end();
    probe_begin(c);
    watcher = watcher_new(c);
    observer = watcher_observer(watcher);
    run = dag_simulate(c->plan, &(DagSimulateOptions){
                                    .strategy = c->strategy,
                                    .n_workers = c->n_workers,
                                    .n_connections = c->n_connections,
                                    .seed = c->seed,
                                    .budget_ns = CASE_BUDGET_NS,
                                    .keep_going = c->keep_going,
                                    .timeout_ns = timeout_ns,
                                    .attempt = simulate_attempt,
                                    .data = reason,
                                    .observers = &observer,
                                    .n_observers = c->observed,
                                });
    if (c->observed)
        watcher_check(watcher);
    watcher_free(watcher);
    note_cut_attempts(c, run, timeout_ns);
    check_run(c, run, may_fail || timeout_ns > 0 ? STOPPED : TO_THE_END);
    return run;
}

/* The fields of structs are compared, not their bytes, which may have gaps. */
static void
assert_same_attempt(DagAttempt a, DagAttempt b)
{
    g_assert_cmpint(a.start_ns, ==, b.start_ns);
    g_assert_cmpint(a.end_ns, ==, b.end_ns);
    g_assert_cmpint(a.outcome, ==, b.outcome);
    g_assert_cmpuint(a.worker, ==, b.worker);
    g_assert_cmpint(a.exit_code, ==, b.exit_code);
    g_assert_cmpstr(a.reason, ==, b.reason);
}

static void
assert_same_run(const Case *c, const DagRun *a, const DagRun *b)
{
    g_assert_cmpint(dag_run_stop(a), ==, dag_run_stop(b));
    g_assert_cmpint(dag_run_duration_ns(a), ==, dag_run_duration_ns(b));
    for (DagTaskId id = 0; id < c->n; id++) {
        DagRecord x = dag_run_record(a, id), y = dag_run_record(b, id);

        g_assert_cmpint(x.outcome, ==, y.outcome);
        g_assert_cmpuint(x.n_attempts, ==, y.n_attempts);
        g_assert_cmpint(x.start_ns, ==, y.start_ns);
        for (unsigned i = 0; i < x.n_attempts; i++)
            assert_same_attempt(dag_run_attempt(a, id, i), dag_run_attempt(b, id, i));
    }
}

DagRun *
simulate_case(Case *c, int64_t timeout_ns)
{
    g_autoptr(DagRun) first = NULL;
    DagRun *second;

    c->simulated = true;
    first = simulate_once(c, timeout_ns);
    second = simulate_once(c, timeout_ns);
    /* A search depends on the processor time that it gets: of several shortest schedules, it may find
     * another one. */
    if (!dag_run_search(first).is_search)
        assert_same_run(c, first, second);
    c->simulated = false;
    return second;
}
