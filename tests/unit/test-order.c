/* SPDX-License-Identifier: MIT */
/*
 * The numbers of tasks, and the dependencies of a graph with excluded tasks.
 */
#include <dagrun/builder.h>
#include <string.h>

#include "graph-of.h"
#include "random-graph.h"

/* Assert the names of the tasks in the order of their numbers. */
static void
assert_numbers(const char *words, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(GString) names = g_string_new(NULL);

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        g_string_append_printf(names, "%s%s", id > 0 ? " " : "",
                               dag_graph_task_name(graph, id));
    g_assert_cmpstr(names->str, ==, expected);
}

static void
test_numbers_follow_a_declaration_that_is_topological(void)
{
    assert_numbers("c b<c a<b x", "c b a x");
    assert_numbers("b a d<a c<b,d", "b a d c");
}

static void
test_numbers_are_topological_otherwise(void)
{
    assert_numbers("c<b b<a a", "a b c");
    assert_numbers("d<b,c b<a c<a a", "a b c d");
}

static void
test_the_order_of_declaration_is_kept(void)
{
    g_autoptr(DagGraph) graph = graph_of("c<b b<a x? a", NULL);
    DagIds declared = dag_graph_declared(graph);
    g_autofree char *names = names_of(graph, declared);

    g_assert_cmpstr(names, ==, "c b a");
    for (uint32_t position = 0; position < declared.n; position++)
        g_assert_cmpuint(dag_graph_position(graph, declared.ids[position]), ==, position);
}

/* Assert the predecessors of `task` in the graph of `words`. */
static void
assert_needs(const char *words, const char *task, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    DagTaskId id = dag_graph_find(graph, task);
    g_autofree char *needs = names_of(graph, dag_graph_predecessors(graph, id));

    g_assert_cmpstr(needs, ==, expected);
}

static void
test_an_excluded_task_passes_its_needs_on(void)
{
    assert_needs("a b<a? c<b", "c", "a");
    assert_needs("a b? c<a,b", "c", "a");
    assert_needs("a? b<a", "b", "");
}

static void
test_chains_of_excluded_tasks_pass_their_needs_on(void)
{
    assert_needs("a b<a? c<b? d<c? e<d", "e", "a");
    assert_needs("e<d d<c? c<b? b<a? a", "e", "a");
    assert_needs("a? b<a? c<b", "c", "");
}

static void
test_diamonds_of_excluded_tasks_pass_each_need_on_once(void)
{
    assert_needs("a b<a? c<a? d<b,c", "d", "a");
    assert_needs("x y a<x,y? b<a? c<a? d<b,c? e<d,x", "e", "x y");
    assert_needs("a b<a? c<a,b", "c", "a");
}

static void
test_excluded_tasks_are_listed_as_declared(void)
{
    g_autoptr(DagGraph) graph = graph_of("z? a b<a? c<b", NULL);
    g_autofree char *excluded = g_strjoinv(" ", (char **)(void *)dag_graph_excluded(graph));

    g_assert_cmpstr(excluded, ==, "z b");
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 2);
    g_assert_cmpuint(dag_graph_find(graph, "b"), ==, DAG_TASK_NONE);
}

static void
test_all_tasks_may_be_excluded(void)
{
    g_autoptr(DagGraph) graph = graph_of("a? b<a?", NULL);

    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, 0);
}

static void
test_a_task_that_only_reads_an_excluded_task_reads_nothing(void)
{
    DagBuilder *builder = builder_of("a b<a?", NULL, NULL);
    DagPair variable = {.name = "X", .value = "<${b}>"};

    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "c", .variables = &variable, .n_variables = 1});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autofree char *needs = names_of(graph, dag_graph_predecessors(graph, 1));
    size_t n;

    g_assert_cmpstr(needs, ==, "a");
    g_assert_cmpstr(dag_template_constant(dag_graph_task_variables(graph, 1, &n)->value),
                    ==, "<>");
    g_assert_false(dag_graph_task_is_read(graph, 0));
}

/* Set `reached` of all tasks that `task` of the random graph needs, also through excluded tasks. */
static void
reach(const RandomGraph *random, uint32_t task, bool *reached)
{
    const GArray *needs = random->needs[task];

    for (guint i = 0; i < needs->len; i++) {
        uint32_t other = g_array_index(needs, uint32_t, i);

        if (random->excluded[other] && !reached[other])
            reach(random, other, reached);
        reached[other] = true;
    }
}

static void
check_task(const RandomGraph *random, const DagGraph *graph, uint32_t task)
{
    g_autofree char *name = g_strdup_printf("t%u", task);
    g_autofree bool *reached = g_new0(bool, random->n);
    DagTaskId id = dag_graph_find(graph, name);
    size_t n = 0;

    if (random->excluded[task]) {
        g_assert_cmpuint(id, ==, DAG_TASK_NONE);
        return;
    }
    reach(random, task, reached);
    for (uint32_t other = 0; other < random->n; other++)
        n += reached[other] && !random->excluded[other];

    DagIds preds = dag_graph_predecessors(graph, id);

    g_assert_cmpuint(preds.n, ==, n);
    for (size_t i = 0; i < preds.n; i++) {
        g_assert_cmpuint(preds.ids[i], <, id);
        g_assert_true(reached[g_ascii_strtoull(dag_graph_task_name(graph, preds.ids[i]) + 1,
                                               NULL, 10)]);
    }
}

static void
test_random_graphs_are_numbered_and_linked_correctly(void)
{
    for (uint64_t seed = 0; seed < 500; seed++) {
        g_autoptr(RandomGraph) random = random_graph_new(
            seed, &(RandomGraphOptions){.max_tasks = 60, .excluded_percent = 30});
        g_autoptr(DagGraph) graph = random_graph_build(random, NULL, 0);
        size_t n_preds = 0, n_succs = 0;

        for (uint32_t task = 0; task < random->n; task++)
            check_task(random, graph, task);
        for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
            n_preds += dag_graph_predecessors(graph, id).n;
            n_succs += dag_graph_successors(graph, id).n;
        }
        g_assert_cmpuint(n_preds, ==, dag_graph_n_dependencies(graph));
        g_assert_cmpuint(n_succs, ==, dag_graph_n_dependencies(graph));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/order/numbers-follow-a-declaration-that-is-topological",
                    test_numbers_follow_a_declaration_that_is_topological);
    g_test_add_func("/order/numbers-are-topological-otherwise",
                    test_numbers_are_topological_otherwise);
    g_test_add_func("/order/the-order-of-declaration-is-kept",
                    test_the_order_of_declaration_is_kept);
    g_test_add_func("/order/an-excluded-task-passes-its-needs-on",
                    test_an_excluded_task_passes_its_needs_on);
    g_test_add_func("/order/chains-of-excluded-tasks-pass-their-needs-on",
                    test_chains_of_excluded_tasks_pass_their_needs_on);
    g_test_add_func("/order/diamonds-of-excluded-tasks-pass-each-need-on-once",
                    test_diamonds_of_excluded_tasks_pass_each_need_on_once);
    g_test_add_func("/order/excluded-tasks-are-listed-as-declared",
                    test_excluded_tasks_are_listed_as_declared);
    g_test_add_func("/order/all-tasks-may-be-excluded", test_all_tasks_may_be_excluded);
    g_test_add_func("/order/a-task-that-only-reads-an-excluded-task-reads-nothing",
                    test_a_task_that_only_reads_an_excluded_task_reads_nothing);
    g_test_add_func("/order/random-graphs-are-numbered-and-linked-correctly",
                    test_random_graphs_are_numbered_and_linked_correctly);
    return g_test_run();
}
