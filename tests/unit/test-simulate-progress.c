/* SPDX-License-Identifier: MIT */
/*
 * Simulations that begin in the middle of a run.
 */
#include <string.h>

#include "random-graph.h"
#include "simulate-case.h"

#define ENDED(how)                                                                         \
    {                                                                                      \
        .outcome = (how)                                                                   \
    }
#define WAITS                                                                              \
    {                                                                                      \
        .outcome = DAG_PENDING                                                             \
    }
#define RUNS(seconds)                                                                      \
    {                                                                                      \
        .outcome = DAG_PENDING, .is_running = true, .elapsed = (seconds)                   \
    }

/* Return the simulation of the rest; progress is in the order of the words. */
static Case
rest_of(const char *words, const char *strategy, unsigned n_workers,
        const DagTaskProgress *progress)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
    Case it = case_finish(builder);

    it.run = dag_simulate(it.plan, &(DagSimulateOptions){
                                       .strategy = dag_strategy_find(strategy),
                                       .n_workers = n_workers,
                                       .keep_going = true,
                                       .progress = progress,
                                   });
    return it;
}

static void
assert_rest(const Case *it, double seconds)
{
    g_assert_cmpfloat((double)dag_run_duration_ns(it->run) / 1e9, ==, seconds);
}

static void
test_running_tasks_take_the_rest_of_their_time(void)
{
    const DagTaskProgress progress[] = {ENDED(DAG_SUCCEEDED), RUNS(3), WAITS, WAITS};
    g_auto(Case) it = rest_of("a:9 b:4 c<a:2 d<b:5", "dataflow", 2, progress);

    assert_ran(&it, "b", 0, 1);
    assert_ran(&it, "c", 0, 2);
    assert_ran(&it, "d", 1, 6);
    assert_rest(&it, 6);
    g_assert_cmpint(record_of(&it, "a").n_attempts, ==, 0);
    assert_ended(&it, "a", DAG_SUCCEEDED);
}

static void
test_a_late_task_ends_at_once(void)
{
    const DagTaskProgress progress[] = {RUNS(9), WAITS};
    g_auto(Case) it = rest_of("a:4 b<a:2", "dataflow", 1, progress);

    assert_ran(&it, "b", 0, 2);
}

static void
test_pools_and_workers_are_occupied(void)
{
    const DagTaskProgress progress[] = {RUNS(1), WAITS, WAITS};
    g_auto(Case) it = rest_of("a:4@p b:1@p c:1", "dataflow", 2, progress);

    assert_ran(&it, "c", 0, 1);
    assert_ran(&it, "b", 3, 4);

    g_auto(Case) one = rest_of("a:4@p b:1@p c:1", "dataflow", 1, progress);

    assert_ran(&one, "b", 3, 4);
    assert_ran(&one, "c", 4, 5);
}

static void
test_more_running_tasks_than_units(void)
{
    const DagTaskProgress progress[] = {RUNS(1), RUNS(1)};
    g_auto(Case) it = rest_of("a:2 b:2", "dataflow", 1, progress);

    assert_ran(&it, "a", 0, 1);
    assert_ran(&it, "b", 1, 3);
}

static void
test_a_barrier_in_the_middle(void)
{
    /* Phases: a b | c d | e.  c of phase 2 has ended; d waits for no b any more. */
    const DagTaskProgress before[] = {ENDED(DAG_SUCCEEDED), RUNS(2), WAITS, WAITS, WAITS};
    const DagTaskProgress within[] = {ENDED(DAG_SUCCEEDED), ENDED(DAG_SUCCEEDED),
                                      ENDED(DAG_SUCCEEDED), WAITS, WAITS};
    g_auto(Case) it = rest_of("a:1 b:3 c<a:2 d<a,b:4 e<c:1", "phases", 2, before);
    g_auto(Case) later = rest_of("a:1 b:3 c<a:2 d<a,b:4 e<c:1", "phases", 2, within);

    assert_ran(&it, "c", 1, 3);
    assert_rest(&it, 6);
    assert_ran(&later, "d", 0, 4);
    assert_rest(&later, 5);
}

static void
test_failures_before(void)
{
    const DagTaskProgress progress[] = {ENDED(DAG_FAILED), ENDED(DAG_BLOCKED), WAITS,
                                        WAITS};
    g_auto(Case) it = rest_of("x:1 y<x:1 end<x:2* z:1", "dataflow", 1, progress);

    assert_ended(&it, "x", DAG_FAILED);
    assert_ended(&it, "y", DAG_BLOCKED);
    assert_ran(&it, "end", 0, 2);
    assert_ran(&it, "z", 2, 3);
}

/* Behind a failure, tasks are blocked with or without a barrier, and clean-ups behind those run. */
static void
test_failures_before_block_tasks(void)
{
    static const char *const strategies[] = {"phases", "dataflow"};
    const DagTaskProgress progress[] = {ENDED(DAG_FAILED), WAITS, WAITS, WAITS, WAITS};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        g_auto(Case) it =
            rest_of("x:1 z:1 y<x:1 w<y:1 end<w:2*", strategies[i], 1, progress);

        assert_ended(&it, "y", DAG_BLOCKED);
        assert_ended(&it, "w", DAG_BLOCKED);
        assert_ended(&it, "z", DAG_SUCCEEDED);
        assert_ended(&it, "end", DAG_SUCCEEDED);
        assert_rest(&it, 3);
    }
}

/* Without keep_going, a failure before has stopped the run. */
static void
test_a_failure_before_stops_the_run(void)
{
    static const char *const strategies[] = {"phases", "dataflow"};
    const DagTaskProgress progress[] = {ENDED(DAG_FAILED), RUNS(1), WAITS, WAITS, WAITS};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        DagBuilder *builder = builder_of("x:1 r:4 y<x:1 n<r:1 end<n:2*", NULL, NULL);
        g_auto(Case) it = case_finish(builder);

        it.run = dag_simulate(
            it.plan, &(DagSimulateOptions){.strategy = dag_strategy_find(strategies[i]),
                                           .n_workers = 2,
                                           .progress = progress});
        assert_ran(&it, "r", 0, 3);
        assert_ended(&it, "y", DAG_BLOCKED);
        assert_ended(&it, "n", DAG_CANCELLED);
        assert_ended(&it, "end", DAG_SUCCEEDED);
        g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_FAILURE);
    }
}

static void
collect_types(const DagEvent *event, void *types)
{
    g_string_append_printf(types, "%d ", event->type);
}

static void
test_the_start_of_the_run_is_the_first_event(void)
{
    const DagTaskProgress progress[] = {ENDED(DAG_SUCCEEDED), RUNS(0)};
    g_autoptr(GString) types = g_string_new(NULL), expected = g_string_new(NULL);
    g_auto(Case) it = case_finish(builder_of("a:1 b<a:1", NULL, NULL));

    it.run = dag_simulate(
        it.plan, &(DagSimulateOptions){
                     .strategy = dag_strategy_find("dataflow"),
                     .progress = progress,
                     .observers = &(DagObserver){.notify = collect_types, .data = types},
                     .n_observers = 1});
    g_string_printf(expected, "%d %d %d %d %d ", DAG_EVENT_RUN_STARTED,
                    DAG_EVENT_TASK_FINISHED, DAG_EVENT_TASK_STARTED,
                    DAG_EVENT_TASK_FINISHED, DAG_EVENT_RUN_FINISHED);
    g_assert_cmpstr(types->str, ==, expected->str);
}

static void
test_nothing_is_left(void)
{
    const DagTaskProgress progress[] = {ENDED(DAG_SUCCEEDED), ENDED(DAG_SUCCEEDED)};
    g_auto(Case) it = rest_of("a:1 b<a:1", "phases", 1, progress);

    assert_rest(&it, 0);
    assert_all_succeeded(&it);
}

/* Set the state of a run at a time. */
static DagTaskProgress *
state_at(const DagRun *run, int64_t now_ns)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run)));
    DagTaskProgress *progress = g_new0(DagTaskProgress, n + 1);

    for (DagTaskId id = 0; id < n; id++) {
        DagRecord record = dag_run_record(run, id);
        bool has_started = record.start_ns <= now_ns;

        progress[id].outcome =
            has_started && record.end_ns <= now_ns ? record.outcome : DAG_PENDING;
        progress[id].is_running = has_started;
        progress[id].elapsed = has_started ? (double)(now_ns - record.start_ns) / 1e9 : 0;
    }
    return progress;
}

/* The rest of a run, simulated from any moment, takes as long as the whole run takes from there. */
static void
test_any_moment_of_a_run(void)
{
    static const char *const strategies[] = {"phases", "critical-path", "longest-first"};

    for (unsigned seed = 1; seed <= 60; seed++) {
        g_autoptr(RandomGraph) random = random_graph_new(
            seed, &(RandomGraphOptions){.max_tasks = 40, .pools = seed % 2});
        static const DagKind working = {.name = "working"};
        const DagKind *kind = &working;
        g_autoptr(DagGraph) graph = random_graph_build(random, &kind, 1);
        size_t n = dag_graph_n_tasks(graph);
        g_autofree double *costs = g_new(double, n + 1);

        for (size_t id = 0; id < n; id++) /* sums of different tasks differ */
            costs[id] = 1 + (double)(id * id % 97) / 100 + (double)id / 1e5;

        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, costs);
        DagSimulateOptions options = {.strategy = dag_strategy_find(strategies[seed % 3]),
                                      .n_workers = 1 + seed % 4};
        g_autoptr(DagRun) whole = dag_simulate(plan, &options);

        for (int part = 0; part < 4; part++) {
            int64_t now_ns = dag_run_makespan_ns(whole) * part / 4 + part;
            g_autofree DagTaskProgress *progress = state_at(whole, now_ns);

            options.progress = progress;

            g_autoptr(DagRun) rest = dag_simulate(plan, &options);

            g_assert_cmpint(
                ABS(dag_run_duration_ns(rest) + now_ns - dag_run_duration_ns(whole)), <=,
                100);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/progress/running-tasks-take-the-rest-of-their-time",
                    test_running_tasks_take_the_rest_of_their_time);
    g_test_add_func("/progress/a-late-task-ends-at-once", test_a_late_task_ends_at_once);
    g_test_add_func("/progress/pools-and-workers-are-occupied",
                    test_pools_and_workers_are_occupied);
    g_test_add_func("/progress/more-running-tasks-than-units",
                    test_more_running_tasks_than_units);
    g_test_add_func("/progress/a-barrier-in-the-middle", test_a_barrier_in_the_middle);
    g_test_add_func("/progress/failures-before", test_failures_before);
    g_test_add_func("/progress/failures-before-block-tasks",
                    test_failures_before_block_tasks);
    g_test_add_func("/progress/a-failure-before-stops-the-run",
                    test_a_failure_before_stops_the_run);
    g_test_add_func("/progress/the-start-of-the-run-is-the-first-event",
                    test_the_start_of_the_run_is_the_first_event);
    g_test_add_func("/progress/nothing-is-left", test_nothing_is_left);
    g_test_add_func("/progress/any-moment-of-a-run", test_any_moment_of_a_run);
    return g_test_run();
}
