/* SPDX-License-Identifier: MIT */
#include "display/estimate.h"

#include "graph-of.h"

/* A kind whose tasks take time, so that a cost that nobody declared is not known. */
static const DagKind working = {.name = "working"};
static const DagKind tiny = {.name = "tiny", .is_tiny = true};

/* "waits", "runs" for so many seconds, "ran", or is "out". */
#define WAITS()                                                                            \
    {                                                                                      \
        ESTIMATE_WAITS, 0                                                                  \
    }
#define RUNS(n)                                                                            \
    {                                                                                      \
        ESTIMATE_RUNS, n                                                                   \
    }
#define RAN(n)                                                                             \
    {                                                                                      \
        ESTIMATE_RAN, n                                                                    \
    }
#define OUT(n)                                                                             \
    {                                                                                      \
        ESTIMATE_OUT, n                                                                    \
    }

/* Returns: the estimate for the tasks of `words` in the states of `tasks`, by number. */
static double
left_of(const DagKind *kind, const char *words, const EstimateTask *tasks,
        unsigned n_workers, bool has_barrier)
{
    g_autoptr(DagGraph) graph = graph_finish(builder_of(words, kind, NULL), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);

    return estimate_seconds_left(&(Estimate){
        .plan = plan, .tasks = tasks, .n_workers = n_workers, .has_barrier = has_barrier});
}

static void
assert_near(double value, double expected)
{
    g_assert_cmpfloat_with_epsilon(value, expected, 1e-9);
}

static void
test_the_longest_chain_or_all_work_whichever_is_more(void)
{
    const EstimateTask tasks[] = {RAN(2), WAITS(), WAITS(), WAITS(), WAITS()};

    /* b and c follow one another, 7 seconds; all of it is 12. */
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 2, false), 7);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 1, false), 12);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 100, false), 7);
}

static void
test_with_a_barrier_each_phase_takes_its_time(void)
{
    const EstimateTask tasks[] = {RAN(2), WAITS(), WAITS(), WAITS(), WAITS()};

    /* Phase 2 takes its longest task or half of its work, phase 3 its only task. */
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 2, true), 4 + 4);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 3, true), 3 + 4);
    assert_near(left_of(&working, "a:2 b<a:3 d<a:2 e<a:3 c<b:4", tasks, 1, true), 12);
}

static void
test_costs_are_scaled_by_what_ended(void)
{
    const EstimateTask slow[] = {RAN(6), WAITS()}, fast[] = {RAN(0.5), WAITS()};

    assert_near(left_of(&working, "a:2 b<a:3", slow, 1, false), 9);
    assert_near(left_of(&working, "a:2 b<a:3", fast, 1, false), 0.75);
}

static void
test_what_runs_has_less_to_do(void)
{
    const EstimateTask early[] = {RAN(4), RUNS(1), WAITS()};
    const EstimateTask late[] = {RAN(4), RUNS(9), WAITS()};

    assert_near(left_of(&working, "a:2 b<a:3 c<b:1", early, 1, false), 5 + 2);
    /* Later than expected, but not by so much that nobody could know. */
    assert_near(left_of(&working, "a:2 b<a:3 c<b:1", late, 1, false), 2);
}

static void
test_what_runs_far_too_long_may_take_any_time(void)
{
    const EstimateTask just[] = {RAN(4), RUNS(13), WAITS()};
    const EstimateTask far[] = {RAN(4), RUNS(13.1), WAITS()};

    assert_near(left_of(&working, "a:2 b<a:3 c<b:1", just, 1, false), 2);
    g_assert_cmpfloat(left_of(&working, "a:2 b<a:3 c<b:1", far, 1, false), <, 0);
}

static void
test_nothing_is_known_of_tasks_without_cost(void)
{
    const EstimateTask before[] = {RAN(2), WAITS(), WAITS()};
    const EstimateTask after[] = {RAN(2), RAN(17), WAITS()};
    const EstimateTask out[] = {RAN(2), OUT(17), WAITS()};

    g_assert_cmpfloat(left_of(&working, "a:2 b<a c<a:3", before, 1, false), <, 0);
    assert_near(left_of(&working, "a:2 b<a c<a:3", after, 1, false), 3);
    assert_near(left_of(&working, "a:2 b<a c<a:3", out, 1, false), 3);
    g_assert_cmpfloat(left_of(&working, "a b<a c<a", before, 1, false), <, 0);
    /* What never takes long needs no cost. */
    assert_near(left_of(&tiny, "a:2 b<a c<a:3", before, 1, false), 3);
}

static void
test_nothing_is_known_before_enough_has_ended(void)
{
    const EstimateTask none[] = {WAITS(), WAITS()}, running[] = {RUNS(1), WAITS()};
    const EstimateTask failed[] = {OUT(1), WAITS()}, one[] = {RAN(1), WAITS()};

    g_assert_cmpfloat(left_of(&working, "a:1 b:1", none, 1, false), <, 0);
    g_assert_cmpfloat(left_of(&working, "a:1 b:1", running, 1, false), <, 0);
    g_assert_cmpfloat(left_of(&working, "a:1 b:1", failed, 1, false), <, 0);
    g_assert_cmpfloat(left_of(&working, "a:1 b:9.1", one, 1, false), <, 0);
    assert_near(left_of(&working, "a:1 b:9", one, 1, false), 9);
}

static void
test_nothing_is_known_where_costs_were_wrong(void)
{
    const EstimateTask good[] = {RAN(2), RAN(1), WAITS()};
    const EstimateTask wrong[] = {RAN(9), RAN(0.1), WAITS()};

    assert_near(left_of(&working, "a:1 b:1 c:1", good, 1, false), 1.5);
    g_assert_cmpfloat(left_of(&working, "a:1 b:1 c:1", wrong, 1, false), <, 0);
}

static void
test_at_the_end_nothing_is_left(void)
{
    const EstimateTask tasks[] = {RAN(1), RAN(1)};

    assert_near(left_of(&working, "a:1 b:1", tasks, 1, false), 0);
    assert_near(left_of(&working, "a:1 b:1", tasks, 1, true), 0);
}

static void
test_one_or_two_digits_are_written(void)
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
    g_test_add_func("/estimate/the-longest-chain-or-all-work-whichever-is-more",
                    test_the_longest_chain_or_all_work_whichever_is_more);
    g_test_add_func("/estimate/with-a-barrier-each-phase-takes-its-time",
                    test_with_a_barrier_each_phase_takes_its_time);
    g_test_add_func("/estimate/costs-are-scaled-by-what-ended",
                    test_costs_are_scaled_by_what_ended);
    g_test_add_func("/estimate/what-runs-has-less-to-do", test_what_runs_has_less_to_do);
    g_test_add_func("/estimate/what-runs-far-too-long-may-take-any-time",
                    test_what_runs_far_too_long_may_take_any_time);
    g_test_add_func("/estimate/nothing-is-known-of-tasks-without-cost",
                    test_nothing_is_known_of_tasks_without_cost);
    g_test_add_func("/estimate/nothing-is-known-before-enough-has-ended",
                    test_nothing_is_known_before_enough_has_ended);
    g_test_add_func("/estimate/nothing-is-known-where-costs-were-wrong",
                    test_nothing_is_known_where_costs_were_wrong);
    g_test_add_func("/estimate/at-the-end-nothing-is-left",
                    test_at_the_end_nothing_is_left);
    g_test_add_func("/estimate/one-or-two-digits-are-written",
                    test_one_or_two_digits_are_written);
    return g_test_run();
}
