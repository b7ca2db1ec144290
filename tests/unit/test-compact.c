/* SPDX-License-Identifier: MIT */
/*
 * The phase rule compact: no assignment of phases has shorter dependencies.
 */
#include <dagrun/dagrun.h>
#include <string.h>

#include "graph-of.h"

#define MAX_TASKS 7

/* Return the sum of the lengths of all dependencies, in phases. */
static uint64_t
length_of(const DagPlan *plan)
{
    const DagGraph *graph = dag_plan_graph(plan);
    uint64_t sum = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        DagIds preds = dag_graph_predecessors(graph, id);

        for (size_t p = 0; p < preds.n; p++) {
            g_assert_cmpuint(dag_plan_phase(plan, preds.ids[p]), <,
                             dag_plan_phase(plan, id));
            sum += dag_plan_phase(plan, id) - dag_plan_phase(plan, preds.ids[p]);
        }
    }
    return sum;
}

static void
assert_phases(const char *words, const char *expected, uint64_t length)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_COMPACT, NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        g_autofree char *names = names_of(graph, dag_plan_phase_tasks(plan, phase));

        g_string_append_printf(text, "%s%s", phase > 0 ? " | " : "", names);
    }
    g_assert_cmpstr(text->str, ==, expected);
    g_assert_cmpuint(length_of(plan), ==, length);
}

static void
test_known_phases(void)
{
    assert_phases("", "", 0);
    assert_phases("a b", "a b", 0);
    /* One source of a long chain's end goes to it; a task between stays early if that is no longer. */
    assert_phases("a b<a c<b d<c x e<d,x", "a | b | c | d x | e", 5);
    assert_phases("a b<a c<b d<c m<a e<d,m", "a | b m | c | d | e", 8);
    /* Two need m and one is needed by it: m goes up, and takes its predecessor along. */
    assert_phases("a b<a c<b d<c e<d k m<k x<m,d y<m,d", "a | b | c k | d m | e x y", 9);
    /* Without dependencies: the first phase. */
    assert_phases("a b<a z", "a z | b", 1);
}

/* Write a random graph of up to MAX_TASKS tasks in words. */
static char *
random_words(GRand *rand)
{
    GString *words = g_string_new(NULL);
    int n = g_rand_int_range(rand, 2, MAX_TASKS + 1);
    double share = g_rand_double_range(rand, 0.15, 0.7);

    for (int i = 0; i < n; i++) {
        g_string_append_printf(words, "%st%d", i > 0 ? " " : "", i);
        for (int j = 0, n_needs = 0; j < i; j++)
            if (g_rand_double(rand) < share)
                g_string_append_printf(words, "%st%d", n_needs++ == 0 ? "<" : ",", j);
    }
    return g_string_free(words, FALSE);
}

/* Try all phases of the tasks from `id` on.  Return the least length of the dependencies between all. */
static uint64_t
search(const DagGraph *graph, DagTaskId id, uint32_t *phase_of, uint64_t length,
       uint64_t best)
{
    DagIds preds;
    uint32_t first = 0;

    if (id == dag_graph_n_tasks(graph))
        return MIN(length, best);
    preds = dag_graph_predecessors(graph, id);
    for (size_t p = 0; p < preds.n; p++)
        first = MAX(first, phase_of[preds.ids[p]] + 1);
    for (uint32_t phase = first; phase < MAX_TASKS; phase++) {
        uint64_t more = length;

        for (size_t p = 0; p < preds.n; p++)
            more += phase - phase_of[preds.ids[p]];
        phase_of[id] = phase;
        if (more < best)
            best = search(graph, id + 1, phase_of, more, best);
    }
    return best;
}

static void
test_as_short_as_by_brute_force(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1993);
    size_t n_shorter = 0;

    for (int i = 0; i < 400; i++) {
        g_autofree char *words = random_words(rand);
        g_autoptr(DagGraph) graph = graph_of(words, NULL);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_COMPACT, NULL);
        g_autoptr(DagPlan) early = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        uint32_t phase_of[MAX_TASKS] = {0};
        uint64_t least = search(graph, 0, phase_of, 0, UINT64_MAX);

        if (length_of(plan) != least)
            g_error("%s: %" G_GUINT64_FORMAT " instead of %" G_GUINT64_FORMAT, words,
                    length_of(plan), least);
        n_shorter += length_of(plan) < length_of(early);
        for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++)
            g_assert_cmpuint(dag_plan_phase_tasks(plan, phase).n, >, 0);
    }
    g_assert_cmpuint(n_shorter, >, 50);
}

/* A chain, and beside each of its tasks one that only the last task needs, or that needs only the first. */
static void
test_a_large_graph(void)
{
    enum { N = 2000 };
    g_autoptr(GString) words = g_string_new("c0");
    g_autoptr(GString) last = g_string_new(NULL);

    for (int i = 1; i < N; i++) {
        g_string_append_printf(words, " c%d<c%d", i, i - 1);
        g_string_append_printf(words, " l%d e%d<c0", i, i);
        g_string_append_printf(last, ",l%d", i);
    }
    g_string_append_printf(words, " end<c%d%s", N - 1, last->str);

    g_autoptr(DagGraph) graph = graph_of(words->str, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_COMPACT, NULL);

    /* Every dependency is tight. */
    g_assert_cmpuint(length_of(plan), ==, (uint64_t)3 * (N - 1) + 1);
    g_assert_cmpuint(dag_plan_n_phases(plan), ==, N + 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/compact/known-phases", test_known_phases);
    g_test_add_func("/compact/as-short-as-by-brute-force", test_as_short_as_by_brute_force);
    g_test_add_func("/compact/a-large-graph", test_a_large_graph);
    return g_test_run();
}
