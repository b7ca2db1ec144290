/* SPDX-License-Identifier: MIT */
/*
 * Recorded runs, simulated again: with their own strategy exactly as they were, with another one as their
 * durations say.
 */
#include <dagrun/dagrun.h>

#include "graph-of.h"
#include "random-graph.h"
#include "simulate-case.h"

/* A plan, a run of it, and its replay. */
typedef struct Replayed {
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
    DagPastRun *past;
    DagReplay *it;
} Replayed;

static Replayed
replayed_of(DagGraph *graph, const DagSimulateOptions *options)
{
    Replayed all = {.graph = graph};

    all.plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    all.run = dag_simulate(all.plan, options);
    all.past = dag_past_run_of(all.run);
    all.it = dag_replay_new(graph, all.past);
    return all;
}

static void
replayed_clear(Replayed *all)
{
    dag_replay_free(all->it);
    dag_past_run_free(all->past);
    dag_run_free(all->run);
    dag_plan_free(all->plan);
    dag_graph_free(all->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replayed, replayed_clear)

static void
assert_same_run(const DagRun *x, const DagRun *y)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(dag_run_plan(x)));

    g_assert_cmpint(dag_run_makespan_ns(x), ==, dag_run_makespan_ns(y));
    for (DagTaskId id = 0; id < n; id++) {
        DagRecord a = dag_run_record(x, id), b = dag_run_record(y, id);

        g_assert_cmpint(a.outcome, ==, b.outcome);
        g_assert_cmpint(a.start_ns, ==, b.start_ns);
        g_assert_cmpint(a.end_ns, ==, b.end_ns);
        g_assert_cmpuint(a.n_attempts, ==, b.n_attempts);
    }
}

static void
test_a_run_with_its_own_options_is_the_same(void)
{
    static const DagKind working = {.name = "working"};
    const DagKind *kind = &working;
    size_t n_failed = 0;

    for (unsigned seed = 1; seed <= 60; seed++) {
        const DagStrategy *strategy = dag_strategies()[seed % 8];
        DagNoise noise = {.seed = seed, .sigma = 0.5, .fail = 0.1};
        const DagSimulateOptions options = {.strategy = strategy,
                                            .n_workers = 1 + seed % 4,
                                            .seed = seed,
                                            .keep_going = seed % 2,
                                            .retries = seed % 3,
                                            .attempt = dag_noise_attempt,
                                            .data = &noise};
        g_autoptr(RandomGraph) random = random_graph_new(
            seed,
            &(RandomGraphOptions){
                .max_tasks = 40, .priorities = true, .pools = true, .policy_percent = 20});
        g_auto(Replayed) all = replayed_of(random_graph_build(random, &kind, 1), &options);
        DagSimulateOptions again = dag_replay_options(all.it);
        g_autoptr(DagRun) run = dag_simulate(all.plan, &again);

        g_assert_true(again.strategy == strategy);
        assert_same_run(all.run, run);
        n_failed += dag_run_count(run, DAG_FAILED);
    }
    g_assert_cmpuint(n_failed, >, 0);
}

/* Durations that are not the costs. */
static DagSimulatedAttempt
by_name(const DagPlan *plan, DagTaskId id, G_GNUC_UNUSED unsigned attempt, void *data)
{
    const char *name = dag_graph_task_name(dag_plan_graph(plan), id);
    const char *const *found = data;
    double seconds = 1;

    for (; *found; found += 2)
        if (g_str_equal(found[0], name))
            seconds = g_ascii_strtod(found[1], NULL);
    return (DagSimulatedAttempt){
        .seconds = seconds, .outcome = DAG_SUCCEEDED, .exit_code = DAG_EXIT_NONE};
}

static double
makespan_of(Replayed *all, const char *strategy, unsigned n_workers)
{
    DagSimulateOptions options = dag_replay_options(all->it);

    options.strategy = dag_strategy_find(strategy);
    options.n_workers = n_workers;

    g_autoptr(DagRun) run = dag_simulate(all->plan, &options);

    return (double)dag_run_makespan_ns(run) / 1e9;
}

static void
test_another_strategy_and_other_workers(void)
{
    /* Phases: a b | c d.  Durations: 1, 5, 5, 1. */
    const char *seconds[] = {"b", "5", "c", "5", NULL};
    g_auto(Replayed) all = replayed_of(
        graph_of("a:1 b:1 c<a:1 d<b:1", NULL),
        &(DagSimulateOptions){.n_workers = 2, .attempt = by_name, .data = seconds});

    g_assert_cmpfloat(makespan_of(&all, "phases", 2), ==, 10);
    g_assert_cmpfloat(makespan_of(&all, "dataflow", 2), ==, 6);
    g_assert_cmpfloat(makespan_of(&all, "dataflow", 1), ==, 12);
}

static void
test_a_task_that_is_forgotten_takes_its_cost(void)
{
    const char *seconds[] = {"a", "3", "b", "4", NULL};
    g_auto(Replayed) all = replayed_of(
        graph_of("a:1 b<a:2", NULL),
        &(DagSimulateOptions){.n_workers = 1, .attempt = by_name, .data = seconds});

    g_assert_cmpfloat(dag_replay_cost(all.it, 1), ==, 4);
    g_assert_cmpfloat(makespan_of(&all, "phases", 1), ==, 7);
    dag_replay_forget(all.it, 1);
    g_assert_cmpfloat(dag_replay_cost(all.it, 1), ==, -1);
    g_assert_cmpfloat(makespan_of(&all, "phases", 1), ==, 5);
}

/* Task "b" fails once, after 2 s. */
static DagSimulatedAttempt
b_fails_once(const DagPlan *plan, DagTaskId id, unsigned attempt, G_GNUC_UNUSED void *data)
{
    bool fails = id == dag_graph_find(dag_plan_graph(plan), "b") && attempt == 1;

    return (DagSimulatedAttempt){.seconds = fails ? 2 : 5,
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static void
test_cost_is_that_of_all_attempts(void)
{
    g_auto(Replayed) all = replayed_of(
        graph_of("a:1 b<a:2 c<b:3", NULL),
        &(DagSimulateOptions){.n_workers = 1, .retries = 1, .attempt = b_fails_once});
    DagSimulatedAttempt first = dag_replay_attempt(all.plan, 1, 1, all.it);
    DagSimulatedAttempt third = dag_replay_attempt(all.plan, 1, 3, all.it);

    g_assert_cmpfloat(dag_replay_cost(all.it, 0), ==, 5);
    g_assert_cmpfloat(dag_replay_cost(all.it, 1), ==, 7);
    g_assert_cmpint(first.outcome, ==, DAG_FAILED);
    g_assert_cmpfloat(first.seconds, ==, 2);
    /* Not in the record: as the last one. */
    g_assert_cmpint(third.outcome, ==, DAG_SUCCEEDED);
    g_assert_cmpfloat(third.seconds, ==, 5);
}

static void
test_tasks_without_a_whole_record_have_no_cost(void)
{
    /* The time limit cuts b; c never starts. */
    g_auto(Replayed) all =
        replayed_of(graph_of("a:1 b<a:4 c<b:3", NULL),
                    &(DagSimulateOptions){.n_workers = 1, .timeout_ns = 2 * SECOND_NS});

    g_assert_cmpfloat(dag_replay_cost(all.it, 0), ==, 1);
    g_assert_cmpfloat(dag_replay_cost(all.it, 1), ==, -1);
    g_assert_cmpfloat(dag_replay_cost(all.it, 2), ==, -1);
    g_assert_cmpfloat(makespan_of(&all, "dataflow", 1), ==, 8);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/replay/a-run-with-its-own-options-is-the-same",
                    test_a_run_with_its_own_options_is_the_same);
    g_test_add_func("/replay/another-strategy-and-other-workers",
                    test_another_strategy_and_other_workers);
    g_test_add_func("/replay/a-task-that-is-forgotten-takes-its-cost",
                    test_a_task_that_is_forgotten_takes_its_cost);
    g_test_add_func("/replay/cost-is-that-of-all-attempts",
                    test_cost_is_that_of_all_attempts);
    g_test_add_func("/replay/tasks-without-a-whole-record-have-no-cost",
                    test_tasks_without_a_whole_record_have_no_cost);
    return g_test_run();
}
