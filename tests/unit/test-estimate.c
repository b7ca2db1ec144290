/* SPDX-License-Identifier: MIT */
#include "display/estimate.h"

#include "graph-of.h"

/* Tasks of the kind `working` take time, so an undeclared cost is unknown. */
static const DagKind working = {.name = "working"};
static const DagKind tiny = {.name = "tiny", .is_tiny = true};

#define WAITING()                                                                          \
    {                                                                                      \
        ESTIMATE_WAITING, 0                                                                \
    }
#define RUNNING(n)                                                                         \
    {                                                                                      \
        ESTIMATE_RUNNING, n                                                                \
    }
#define SUCCEEDED(n)                                                                       \
    {                                                                                      \
        ESTIMATE_SUCCEEDED, n                                                              \
    }
#define UNUSABLE(n)                                                                        \
    {                                                                                      \
        ESTIMATE_UNUSABLE, n                                                               \
    }

/* Return the estimate for a graph written in words.  `tasks` has the state of each task, by id. */
static double
left_on(const DagKind *kind, const char *words, const EstimateTask *tasks,
        DagMachine machine, bool has_barrier)
{
    DagBuilder *builder = builder_of(words, kind, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 4});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    return estimate_seconds_left(
        &(Estimate){.plan = plan,
                    .tasks = tasks,
                    .machine = machine,
                    .strategy = dag_strategy_find(has_barrier ? "phases" : "dataflow")});
}

/* left_on() for workers alone. */
static double
left_of(const DagKind *kind, const char *words, const EstimateTask *tasks,
        unsigned n_workers, bool has_barrier)
{
    return left_on(kind, words, tasks, (DagMachine){.n_workers = n_workers}, has_barrier);
}

static void
assert_near(double value, double expected)
{
    g_assert_cmpfloat_with_epsilon(value, expected, 1e-9);
}

static void
test_the_larger_of_longest_chain_and_work_per_worker(void)
{
    const EstimateTask tasks[] = {SUCCEEDED(2), WAITING(), WAITING(), WAITING(), WAITING()};

    /* The chain b, c takes 7 seconds; all tasks together take 12. */
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 2, false), 7);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 1, false), 12);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 100, false), 7);
}

static void
test_with_a_barrier_phases_are_added_up(void)
{
    const EstimateTask tasks[] = {SUCCEEDED(2), WAITING(), WAITING(), WAITING(), WAITING()};

    /* In phase 2, e starts when d has ended.  Phase 3 takes its only task. */
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 2, true), 5 + 4);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 3, true), 3 + 4);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 1, true), 12);
}

static void
test_connections_and_pools_are_bounds_too(void)
{
    static const DagKind calling = {.name = "calling", .occupies = DAG_OCCUPIES_CONNECTION};
    const EstimateTask tasks[] = {SUCCEEDED(2), WAITING(), WAITING(), WAITING()};
    const char *words = "a:2 b<a:2 c<a:2 d<a:2", *pooled = "a:2 b<a:2@p=3 c<a:2@p=3 d<a:2";

    for (int has_barrier = 0; has_barrier < 2; has_barrier++) {
        /* One worker does not matter, one connection does. */
        assert_near(left_on(&calling, words, tasks, (DagMachine){1, 3}, has_barrier), 2);
        assert_near(left_on(&calling, words, tasks, (DagMachine){3, 1}, has_barrier), 6);
        /* The pool has 4 slots: b and c cannot use 3 each at a time. */
        assert_near(left_on(&calling, pooled, tasks, (DagMachine){3, 3}, has_barrier), 4);
    }
}

static void
test_costs_are_scaled_by_measured_durations(void)
{
    const EstimateTask slow[] = {SUCCEEDED(6), WAITING()},
                       fast[] = {SUCCEEDED(0.5), WAITING()};

    assert_near(left_of(&working, "a:2 b<a:3", slow, 1, false), 9);
    assert_near(left_of(&working, "a:2 b<a:3", fast, 1, false), 0.75);
}

static void
test_elapsed_time_of_running_tasks_is_subtracted(void)
{
    const EstimateTask early[] = {SUCCEEDED(4), RUNNING(1), WAITING()};
    const EstimateTask late[] = {SUCCEEDED(4), RUNNING(9), WAITING()};

    assert_near(left_of(&working, "a:2 b<a:3 c<b:1", early, 1, false), 5 + 2);
    /* Late, but not overdue. */
    assert_near(left_of(&working, "a:2 b<a:3 c<b:1", late, 1, false), 2);
}

static void
test_the_rest_is_simulated_from_where_the_run_stands(void)
{
    /* b still occupies one of two workers for 3 s; c takes the other, then d: 2 + 2 s. */
    const EstimateTask tasks[] = {SUCCEEDED(1), RUNNING(1), WAITING(), WAITING()};
    /* Nothing waits for x, which failed, but e, a clean-up; y, behind it, is blocked. */
    const EstimateTask failed[] = {SUCCEEDED(1), UNUSABLE(1), UNUSABLE(0), WAITING(),
                                   WAITING()};

    for (int has_barrier = 0; has_barrier < 2; has_barrier++) {
        assert_near(left_of(&working, "a:1 b:4 c:2 d:2", tasks, 2, has_barrier), 4);
        assert_near(left_of(&working, "a:1 b:4 c:2 d:2", tasks, 1, has_barrier), 3 + 4);
        assert_near(left_of(&working, "a:1 x:1 y<x:9 c:2 e<x:3*", failed, 2, has_barrier),
                    3);
        assert_near(left_of(&working, "a:1 x:1 y<x:9 c:2 e<x:3*", failed, 1, has_barrier),
                    5);
    }
}

/* The order of the strategy counts: the lower bound is 5 s. */
static void
test_the_strategy_is_that_of_the_run(void)
{
    const EstimateTask tasks[] = {SUCCEEDED(1), WAITING(), WAITING(), WAITING()};
    g_autoptr(DagGraph) graph =
        graph_finish(builder_of("a:1 b:2 c:2 d:5", &working, NULL), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    Estimate estimate = {.plan = plan, .tasks = tasks, .machine = {.n_workers = 2}};

    estimate.strategy = dag_strategy_find("dataflow");
    assert_near(estimate_seconds_left(&estimate), 7);
    estimate.strategy = dag_strategy_find("longest-first");
    assert_near(estimate_seconds_left(&estimate), 5);
    estimate.strategy = dag_strategy_find("optimal");
    assert_near(estimate_seconds_left(&estimate), 5);
}

static void
test_an_overdue_task_makes_the_rest_unknown(void)
{
    const EstimateTask just[] = {SUCCEEDED(4), RUNNING(13), WAITING()};
    const EstimateTask far[] = {SUCCEEDED(4), RUNNING(13.1), WAITING()};

    assert_near(left_of(&working, "a:2 b<a:3 c<b:1", just, 1, false), 2);
    g_assert_cmpfloat(left_of(&working, "a:2 b<a:3 c<b:1", far, 1, false), <, 0);
}

static void
test_a_task_without_cost_makes_the_rest_unknown(void)
{
    const EstimateTask before[] = {SUCCEEDED(2), WAITING(), WAITING()};
    const EstimateTask after[] = {SUCCEEDED(2), SUCCEEDED(17), WAITING()};
    const EstimateTask out[] = {SUCCEEDED(2), UNUSABLE(17), WAITING()};

    g_assert_cmpfloat(left_of(&working, "a:2 b<a c<a:3", before, 1, false), <, 0);
    assert_near(left_of(&working, "a:2 b<a c<a:3", after, 1, false), 3);
    assert_near(left_of(&working, "a:2 b<a c<a:3", out, 1, false), 3);
    g_assert_cmpfloat(left_of(&working, "a b<a c<a", before, 1, false), <, 0);
    /* Tiny kinds need no cost. */
    assert_near(left_of(&tiny, "a:2 b<a c<a:3", before, 1, false), 3);
}

static void
test_the_rest_is_unknown_until_enough_has_ended(void)
{
    const EstimateTask none[] = {WAITING(), WAITING()}, running[] = {RUNNING(1), WAITING()};
    const EstimateTask failed[] = {UNUSABLE(1), WAITING()},
                       one[] = {SUCCEEDED(1), WAITING()};

    g_assert_cmpfloat(left_of(&working, "a:1 b:1", none, 1, false), <, 0);
    g_assert_cmpfloat(left_of(&working, "a:1 b:1", running, 1, false), <, 0);
    g_assert_cmpfloat(left_of(&working, "a:1 b:1", failed, 1, false), <, 0);
    g_assert_cmpfloat(left_of(&working, "a:1 b:9.1", one, 1, false), <, 0);
    assert_near(left_of(&working, "a:1 b:9", one, 1, false), 9);
}

static void
test_the_rest_is_unknown_if_costs_were_wrong(void)
{
    const EstimateTask good[] = {SUCCEEDED(2), SUCCEEDED(1), WAITING()};
    const EstimateTask wrong[] = {SUCCEEDED(9), SUCCEEDED(0.1), WAITING()};

    assert_near(left_of(&working, "a:1 b:1 c:1", good, 1, false), 1.5);
    g_assert_cmpfloat(left_of(&working, "a:1 b:1 c:1", wrong, 1, false), <, 0);
}

static void
test_no_time_is_left_at_the_end(void)
{
    const EstimateTask tasks[] = {SUCCEEDED(1), SUCCEEDED(1)};

    assert_near(left_of(&working, "a:1 b:1", tasks, 1, false), 0);
    assert_near(left_of(&working, "a:1 b:1", tasks, 1, true), 0);
}

static void
test_text_has_one_or_two_digits(void)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {-1, ""},
        {0, ""},
        {0.9, ""},
        {1, "about 1 s"},
        {7.4, "about 7 s"},
        {9.4, "about 9 s"},
        {9.6, "about 10 s"},
        {12.4, "about 10 s"},
        {23, "about 25 s"},
        {97, "about 95 s"},
        {98, "about 1.6 min"},
        {120, "about 2 min"},
        {570, "about 9.5 min"},
        {590, "about 10 min"},
        {2700, "about 45 min"},
        {5840, "about 97 min"},
        {5851, "about 1.6 h"},
        {7200, "about 2 h"},
        {36000, "about 10 h"},
        {432000, "about 120 h"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) text = g_string_new(NULL);

        estimate_append(cases[i].seconds, text);
        g_assert_cmpstr(text->str, ==, cases[i].text);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/estimate/the-larger-of-longest-chain-and-work-per-worker",
                    test_the_larger_of_longest_chain_and_work_per_worker);
    g_test_add_func("/estimate/with-a-barrier-phases-are-added-up",
                    test_with_a_barrier_phases_are_added_up);
    g_test_add_func("/estimate/connections-and-pools-are-bounds-too",
                    test_connections_and_pools_are_bounds_too);
    g_test_add_func("/estimate/costs-are-scaled-by-measured-durations",
                    test_costs_are_scaled_by_measured_durations);
    g_test_add_func("/estimate/elapsed-time-of-running-tasks-is-subtracted",
                    test_elapsed_time_of_running_tasks_is_subtracted);
    g_test_add_func("/estimate/the-rest-is-simulated-from-where-the-run-stands",
                    test_the_rest_is_simulated_from_where_the_run_stands);
    g_test_add_func("/estimate/the-strategy-is-that-of-the-run",
                    test_the_strategy_is_that_of_the_run);
    g_test_add_func("/estimate/an-overdue-task-makes-the-rest-unknown",
                    test_an_overdue_task_makes_the_rest_unknown);
    g_test_add_func("/estimate/a-task-without-cost-makes-the-rest-unknown",
                    test_a_task_without_cost_makes_the_rest_unknown);
    g_test_add_func("/estimate/the-rest-is-unknown-until-enough-has-ended",
                    test_the_rest_is_unknown_until_enough_has_ended);
    g_test_add_func("/estimate/the-rest-is-unknown-if-costs-were-wrong",
                    test_the_rest_is_unknown_if_costs_were_wrong);
    g_test_add_func("/estimate/no-time-is-left-at-the-end",
                    test_no_time_is_left_at_the_end);
    g_test_add_func("/estimate/text-has-one-or-two-digits",
                    test_text_has_one_or_two_digits);
    return g_test_run();
}
