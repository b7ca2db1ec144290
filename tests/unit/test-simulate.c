/* SPDX-License-Identifier: MIT */
/*
 * The simulator: hand-computed schedules on the virtual clock.
 */
#include "simulate-case.h"

/* The makespans of a graph under every strategy but "random", by number of workers from 1. */
typedef struct Expected {
    const char *words;
    const char *strategy; /* NULL: all others */
    double makespan[4];
} Expected;

#define INDEPENDENT "a:1 b:2 c:3 d:4"
#define BARRIER     "a:1 b:5 c<a:5 d<b:1"
#define RANKED      "s:1 a<s:1 b<s:1 c<s:1 e<c:2 f<e:2"

static const Expected expected[] = {
    {"a:1 b<a:2 c<b:3", NULL, {6, 6, 6, 6}},
    {"a:1 b<a:1 c<a:1 d<b,c:1", NULL, {4, 3, 3, 3}},
    {"a:0 b<a:0 c:0", NULL, {0, 0, 0, 0}},
    {"a:0.5", NULL, {0.5, 0.5, 0.5, 0.5}},

    {INDEPENDENT, "dataflow", {10, 6, 5, 4}},
    {INDEPENDENT, "most-successors", {10, 6, 5, 4}},
    {INDEPENDENT, "shortest-first", {10, 6, 5, 4}},
    {INDEPENDENT, "phases", {10, 6, 5, 4}},
    {INDEPENDENT, "depth-first", {10, 5, 4, 4}},
    {INDEPENDENT, "longest-first", {10, 5, 4, 4}},
    {INDEPENDENT, "critical-path", {10, 5, 4, 4}},
    {INDEPENDENT, "cp-misf", {10, 5, 4, 4}},
    {INDEPENDENT, "slack", {10, 5, 4, 4}},
    {INDEPENDENT, "heft", {10, 5, 4, 4}},
    {INDEPENDENT, "cpop", {10, 5, 4, 4}},
    {INDEPENDENT, "phases-longest", {10, 5, 4, 4}},
    {INDEPENDENT, "optimal", {10, 5, 4, 4}},

    /* A barrier keeps c back until b has ended. */
    {BARRIER, "phases", {12, 10, 10, 10}},
    {BARRIER, "phases-longest", {12, 10, 10, 10}},
    {BARRIER, "dataflow", {12, 6, 6, 6}},
    {BARRIER, "depth-first", {12, 6, 6, 6}},
    {BARRIER, "critical-path", {12, 6, 6, 6}},
    {BARRIER, "cp-misf", {12, 6, 6, 6}},
    {BARRIER, "slack", {12, 6, 6, 6}},
    {BARRIER, "heft", {12, 6, 6, 6}},
    {BARRIER, "cpop", {12, 6, 6, 6}},
    {BARRIER, "longest-first", {12, 6, 6, 6}},
    {BARRIER, "shortest-first", {12, 6, 6, 6}},
    {BARRIER, "most-successors", {12, 6, 6, 6}},
    {BARRIER, "optimal", {12, 6, 6, 6}},

    /* Two workers: c, which has a long chain behind it, starts first or last. */
    {RANKED, "dataflow", {8, 7, 6, 6}},
    {RANKED, "longest-first", {8, 7, 6, 6}},
    {RANKED, "shortest-first", {8, 7, 6, 6}},
    {RANKED, "depth-first", {8, 6, 6, 6}},
    {RANKED, "critical-path", {8, 6, 6, 6}},
    {RANKED, "cp-misf", {8, 6, 6, 6}},
    {RANKED, "slack", {8, 6, 6, 6}},
    {RANKED, "heft", {8, 6, 6, 6}},
    {RANKED, "cpop", {8, 6, 6, 6}},
    {RANKED, "most-successors", {8, 6, 6, 6}},
    {RANKED, "optimal", {8, 6, 6, 6}},
    {RANKED, "phases", {8, 7, 6, 6}},
    {RANKED, "phases-longest", {8, 7, 6, 6}},
};

/* Assert one row of the table for one strategy. */
static void
check_makespans(const Expected *row, const DagStrategy *strategy)
{
    for (unsigned n_workers = 1; n_workers <= 4; n_workers++) {
        g_auto(Case) it = case_of(
            row->words, (DagSimulateOptions){.strategy = strategy, .n_workers = n_workers});

        g_test_message("%s, %s, %u workers", row->words, strategy->name, n_workers);
        assert_makespan(&it, row->makespan[n_workers - 1]);
        g_assert_cmpint(dag_run_duration_ns(it.run), ==, dag_run_makespan_ns(it.run));
        assert_all_succeeded(&it);
    }
}

static void
test_makespans_are_as_computed_by_hand(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++)
            if (expected[i].strategy ? g_str_equal((*strategy)->name, expected[i].strategy)
                                     : !g_str_equal((*strategy)->name, "random"))
                check_makespans(&expected[i], *strategy);
}

/* The table has every strategy with a fixed order, for each graph on which they differ. */
static void
test_no_strategy_is_missing_in_the_table(void)
{
    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        unsigned n = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
            n += g_strcmp0(expected[i].strategy, (*strategy)->name) == 0;
        g_assert_cmpuint(n, ==, g_str_equal((*strategy)->name, "random") ? 0 : 3);
    }
}

static void
test_random_order_depends_on_the_seed_alone(void)
{
    bool seen[2] = {false};

    for (uint64_t seed = 1; seed <= 20; seed++) {
        DagSimulateOptions options = {
            .strategy = dag_strategy_find("random"), .n_workers = 2, .seed = seed};
        g_auto(Case) first = case_of(INDEPENDENT, options);
        g_auto(Case) second = case_of(INDEPENDENT, options);

        for (DagTaskId id = 0; id < 4; id++)
            g_assert_cmpint(dag_run_record(first.run, id).start_ns, ==,
                            dag_run_record(second.run, id).start_ns);
        g_assert_cmpint(dag_run_makespan_ns(first.run), >=, 5 * SECOND_NS);
        g_assert_cmpint(dag_run_makespan_ns(first.run), <=, 10 * SECOND_NS);
        seen[dag_run_record(first.run, 0).start_ns > 0] = true;
        g_assert_cmpuint(dag_run_seed(first.run), ==, seed);
    }
    g_assert_true(seen[0] && seen[1]);
}

static void
test_records_tell_worker_and_times(void)
{
    g_auto(Case) it = case_of("a:2 b:1 c<b:1.5", (DagSimulateOptions){.n_workers = 2});

    assert_ran(&it, "a", 0, 2);
    assert_ran(&it, "b", 0, 1);
    assert_ran(&it, "c", 1, 2.5);
    g_assert_cmpuint(record_of(&it, "a").worker, ==, 0);
    g_assert_cmpuint(record_of(&it, "b").worker, ==, 1);
    g_assert_cmpuint(record_of(&it, "c").worker, ==, 1);
    g_assert_cmpuint(record_of(&it, "c").n_attempts, ==, 1);
    g_assert_true(dag_run_is_simulated(it.run));
    g_assert_true(dag_run_plan(it.run) == it.plan);
    g_assert_cmpstr(dag_run_strategy(it.run)->name, ==, "dataflow");
    g_assert_cmpuint(dag_run_n_workers(it.run), ==, 2);
    g_assert_cmpuint(dag_run_n_connections(it.run), ==, 0);
}

static void
test_options_may_be_missing(void)
{
    g_auto(Case) it = case_finish(builder_of("a b<a", NULL, NULL));

    it.run = dag_simulate(it.plan, NULL);
    assert_makespan(&it, 2);
    assert_all_succeeded(&it);
    g_assert_true(dag_run_strategy(it.run) == dag_strategies()[0]);
    g_assert_cmpuint(dag_run_n_workers(it.run), ==, MIN(2, dag_default_workers()));
    g_assert_false(dag_run_keeps_going(it.run));
    g_assert_cmpint(dag_run_timeout_ns(it.run), ==, 0);
}

static void
test_empty_graph_ends_at_once(void)
{
    g_auto(Case) it = case_of("", (DagSimulateOptions){.n_workers = 3});

    assert_makespan(&it, 0);
    g_assert_cmpint(dag_run_duration_ns(it.run), ==, 0);
    g_assert_true(dag_run_succeeded(it.run));
    g_assert_true(dag_run_is_simulated(it.run));
}

static void
test_priorities_come_before_the_strategy(void)
{
    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        g_auto(Case) it =
            case_of("a:4!-1 b:3 c:2!7 d<c:1!7",
                    (DagSimulateOptions){.strategy = *strategy, .n_workers = 1});

        assert_ran(&it, "c", 0, 2);
        assert_ran(&it, "d", 2, 3);
        assert_ran(&it, "b", 3, 6);
        assert_ran(&it, "a", 6, 10);
    }
}

static void
test_pools_limit_and_keep_the_order(void)
{
    g_auto(Case) one = case_of("a:2@p b:2@p c:1", (DagSimulateOptions){.n_workers = 3});
    g_auto(Case) two =
        case_of("a:3@q b:2@q=2 c:1@q d:1", (DagSimulateOptions){.n_workers = 4});

    assert_ran(&one, "a", 0, 2);
    assert_ran(&one, "b", 2, 4);
    assert_ran(&one, "c", 0, 1);

    /* b waits for both slots, and c does not overtake it. */
    assert_ran(&two, "a", 0, 3);
    assert_ran(&two, "b", 3, 5);
    assert_ran(&two, "c", 5, 6);
    assert_ran(&two, "d", 0, 1);
}

static void
never_start(G_GNUC_UNUSED DagJob *job, G_GNUC_UNUSED const void *config)
{
    g_assert_not_reached();
}

static void
never_cancel(G_GNUC_UNUSED DagJob *job, G_GNUC_UNUSED DagCancelLevel level)
{
    g_assert_not_reached();
}

static DagOutcome
never_run(G_GNUC_UNUSED DagContext *context, G_GNUC_UNUSED const void *config)
{
    g_assert_not_reached();
}

/* Neither of these is ever run: the simulator only takes their time. */
static const DagKind request = {.name = "request",
                                .occupies = DAG_OCCUPIES_CONNECTION,
                                .start = never_start,
                                .cancel = never_cancel};
static const DagKind work = {.name = "work", .run = never_run};

static void
test_connections_are_counted_beside_workers(void)
{
    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        DagBuilder *builder = builder_of("r1:4 r2:4 r3:4", &request, NULL);

        declare_words(builder, "w1:3 w2:3", &work, NULL);
        g_auto(Case) it = case_finish(builder);

        it.run = simulate(it.plan, (DagSimulateOptions){.strategy = *strategy,
                                                        .n_workers = 1,
                                                        .n_connections = 3});
        g_assert_cmpuint(dag_run_n_workers(it.run), ==, 1);
        g_assert_cmpuint(dag_run_n_connections(it.run), ==, 3);
        assert_ran(&it, "r1", 0, 4);
        assert_ran(&it, "r3", 0, 4);
        g_assert_cmpint(record_of(&it, "w1").start_ns + record_of(&it, "w2").start_ns, ==,
                        3 * SECOND_NS);
        assert_all_succeeded(&it);
    }
}

static void
test_work_waits_for_requests_and_they_for_work(void)
{
    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        DagBuilder *builder = builder_of("r<w:4", &request, NULL);

        declare_words(builder, "w:3 v<r:1", &work, NULL);
        g_auto(Case) it = case_finish(builder);

        it.run = simulate(it.plan, (DagSimulateOptions){.strategy = *strategy});
        assert_ran(&it, "w", 0, 3);
        assert_ran(&it, "r", 3, 7);
        assert_ran(&it, "v", 7, 8);
    }
}

static void
test_fewer_connections_take_longer(void)
{
    static const double makespans[] = {12, 8, 6, 6};

    for (unsigned n = 1; n <= 4; n++) {
        DagBuilder *builder = builder_of("r1:4 r2:4 r3:4", &request, NULL);

        declare_words(builder, "w1:3 w2:3", &work, NULL);
        g_auto(Case) it = case_finish(builder);

        it.run =
            simulate(it.plan, (DagSimulateOptions){.n_workers = 1, .n_connections = n});
        assert_makespan(&it, makespans[n - 1]);
    }
}

static void
test_costs_of_the_plan_are_durations(void)
{
    g_autoptr(DagGraph) graph = graph_of("a:7 b<a:2 c", NULL);
    g_autoptr(DagPlan) plan =
        dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, (double[]){0.25, -1, 10});
    g_autoptr(DagRun) run = simulate(plan, (DagSimulateOptions){.n_workers = 2});

    g_assert_cmpint(dag_run_record(run, 0).end_ns, ==, SECOND_NS / 4);
    g_assert_cmpint(dag_run_record(run, 1).end_ns, ==, SECOND_NS / 4 + 2 * SECOND_NS);
    g_assert_cmpint(dag_run_record(run, 2).end_ns, ==, 10 * SECOND_NS);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulate/makespans", test_makespans_are_as_computed_by_hand);
    g_test_add_func("/simulate/strategies", test_no_strategy_is_missing_in_the_table);
    g_test_add_func("/simulate/random", test_random_order_depends_on_the_seed_alone);
    g_test_add_func("/simulate/records", test_records_tell_worker_and_times);
    g_test_add_func("/simulate/no-options", test_options_may_be_missing);
    g_test_add_func("/simulate/empty", test_empty_graph_ends_at_once);
    g_test_add_func("/simulate/priorities", test_priorities_come_before_the_strategy);
    g_test_add_func("/simulate/pools", test_pools_limit_and_keep_the_order);
    g_test_add_func("/simulate/connections", test_connections_are_counted_beside_workers);
    g_test_add_func("/simulate/mixed-chain",
                    test_work_waits_for_requests_and_they_for_work);
    g_test_add_func("/simulate/few-connections", test_fewer_connections_take_longer);
    g_test_add_func("/simulate/costs", test_costs_of_the_plan_are_durations);
    return g_test_run();
}
