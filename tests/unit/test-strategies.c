/* SPDX-License-Identifier: MIT */
#include <dagrun/execute.h>
#include <dagrun/strategy.h>
#include <string.h>

#include "graph-of.h"

static void
test_names_are_unique_and_found(void)
{
    const DagStrategy *const *all = dag_strategies();

    for (size_t i = 0; all[i]; i++) {
        g_assert_true(dag_strategy_find(all[i]->name) == all[i]);
        for (const char *c = all[i]->name; *c; c++)
            g_assert_true(g_ascii_islower(*c) || *c == '-');
    }
    g_assert_null(dag_strategy_find("no-such-strategy"));
    g_assert_null(dag_strategy_find(""));
}

static void
test_each_has_a_summary_and_a_source_of_one_line(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++) {
        g_assert_cmpuint(strlen((*s)->summary), >, 0);
        g_assert_cmpuint(strlen((*s)->summary), <, 72);
        g_assert_null(strchr((*s)->summary, '\n'));
        g_assert_cmpuint(strlen((*s)->source), >, 0);
        g_assert_null(strchr((*s)->source, '\n'));
    }
}

static void
test_only_key_orders_have_keys(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        g_assert_cmpint((*s)->order == DAG_ORDER_KEY, ==, (*s)->keys || (*s)->solve);
}

static void
test_the_default_runs_phase_by_phase_as_declared(void)
{
    const DagStrategy *first = dag_strategies()[0];

    g_assert_cmpstr(first->name, ==, "phases");
    g_assert_cmpint(first->release, ==, DAG_RELEASE_PHASE);
    g_assert_cmpint(first->order, ==, DAG_ORDER_FIFO);
}

/* Returns: the order in which one worker starts the tasks of `words`; free with g_free(). */
static char *
order_of(const char *strategy, const char *words, uint64_t seed)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    size_t n = dag_graph_n_tasks(graph);
    g_autofree DagTaskId *order = g_new(DagTaskId, n);

    g_assert_nonnull(dag_strategy_find(strategy));
    dag_execute_order(plan, dag_strategy_find(strategy), seed, order);
    return names_of(graph, (DagIds){order, n});
}

static void
assert_order(const char *strategy, const char *words, const char *expected)
{
    g_autofree char *order = order_of(strategy, words, 0);

    g_assert_cmpstr(order, ==, expected);
}

/* A chain a-b-c, and a long task x and a short one z that y needs. */
#define GRAPH "z:1 a:2 x:5 b<a:2 y<x,z:1 c<b:4"

static void
test_each_orders_a_known_graph_by_its_rule(void)
{
    assert_order("phases", GRAPH, "z a x b y c");
    assert_order("phases-longest", GRAPH, "x a z b y c");
    assert_order("dataflow", GRAPH, "z a x b y c");
    assert_order("depth-first", GRAPH, "x a b c z y");
    assert_order("critical-path", GRAPH, "a x b c z y");
    assert_order("slack", GRAPH, "a b c x z y");
    assert_order("longest-first", GRAPH, "x a b c z y");
    assert_order("shortest-first", GRAPH, "z a b c x y");
    assert_order("most-successors", "a b<a c d<c e<c f<c", "c a b d e f");
}

static void
test_of_equal_ranks_the_task_with_more_successors_goes_first(void)
{
    assert_order("cp-misf", GRAPH, "a x b c z y");
    assert_order("cp-misf", "a:1 b:1 c<a:3 d<b:2 e<b:3", "b a c e d");
    /* The rank of b is 0.1 + 0.2, which is larger than 0.3 by a rounding error. */
    assert_order("cp-misf", "b:0.1 c<b:0.2 a:0.3 d<a:0 e<a:0", "a b c d e");
    /* A longer chain counts more than any number of successors. */
    assert_order("cp-misf", "a:1 b:1.001 c<a:3 d<a:3 e<b:3", "b a c d e");
}

static void
test_least_slack_goes_first(void)
{
    /* The longest chain is x, w.  a may wait for 1 s, z for 6 s, and b for 1 s as a. */
    assert_order("slack", "z:1 a:2 b<a:4 x:3 w<x:4", "x w a b z");
}

static void
test_random_order_depends_on_the_seed(void)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (int i = 0; i < 50; i++)
        g_string_append_printf(words, "t%d ", i);

    g_autofree char *one = order_of("random", words->str, 1);
    g_autofree char *again = order_of("random", words->str, 1);
    g_autofree char *other = order_of("random", words->str, 2);

    g_assert_cmpstr(one, ==, again);
    g_assert_cmpstr(one, !=, other);
}

static void
test_ties_go_to_the_task_declared_first(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        if ((*s)->order != DAG_ORDER_LIFO && strcmp((*s)->name, "random") != 0)
            assert_order((*s)->name, "c a d b", "c a d b");
    assert_order("depth-first", "c a d b", "b d a c");
}

static void
test_priorities_come_before_every_order(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        assert_order((*s)->name, "a!-1 b:9 c!5 d:2!6 e<d:7!7", "d e c b a");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/strategies/names-are-unique-and-found",
                    test_names_are_unique_and_found);
    g_test_add_func("/strategies/each-has-a-summary-and-a-source-of-one-line",
                    test_each_has_a_summary_and_a_source_of_one_line);
    g_test_add_func("/strategies/only-key-orders-have-keys",
                    test_only_key_orders_have_keys);
    g_test_add_func("/strategies/the-default-runs-phase-by-phase-as-declared",
                    test_the_default_runs_phase_by_phase_as_declared);
    g_test_add_func("/strategies/each-orders-a-known-graph-by-its-rule",
                    test_each_orders_a_known_graph_by_its_rule);
    g_test_add_func("/strategies/of-equal-ranks-the-task-with-more-successors-goes-first",
                    test_of_equal_ranks_the_task_with_more_successors_goes_first);
    g_test_add_func("/strategies/least-slack-goes-first", test_least_slack_goes_first);
    g_test_add_func("/strategies/random-order-depends-on-the-seed",
                    test_random_order_depends_on_the_seed);
    g_test_add_func("/strategies/ties-go-to-the-task-declared-first",
                    test_ties_go_to_the_task_declared_first);
    g_test_add_func("/strategies/priorities-come-before-every-order",
                    test_priorities_come_before_every_order);
    return g_test_run();
}
