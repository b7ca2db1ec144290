/* SPDX-License-Identifier: MIT */
/*
 * The lower bound of intervals is never above the optimum: of small graphs, by trying every order; of
 * published graphs, by the table that comes with them.
 */
#include <dagrun/plan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "graph-of.h"

#define MAX_TASKS   7
#define MAX_WORKERS 3

/* A schedule under construction: tasks start in the order in which they are added. */
typedef struct Trial {
    const DagPlan *plan;
    size_t n;
    unsigned n_workers;
    double end[MAX_TASKS]; /* below 0: not added yet */
    double free[MAX_WORKERS];
    double best;
} Trial;

/* Return the earliest start of a task after its predecessors; below 0: one of them is missing. */
static double
start_after_predecessors(const Trial *trial, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(dag_plan_graph(trial->plan), id);
    double start = 0;

    for (size_t p = 0; p < preds.n; p++) {
        if (trial->end[preds.ids[p]] < 0)
            return -1;
        start = MAX(start, trial->end[preds.ids[p]]);
    }
    return start;
}

static unsigned
first_free(const Trial *trial)
{
    unsigned first = 0;

    for (unsigned w = 1; w < trial->n_workers; w++)
        if (trial->free[w] < trial->free[first])
            first = w;
    return first;
}

/* Try every order of the tasks that are left.  Each starts on the worker that is free first, so the
 * order of starts in a shortest schedule leads to one that is as short. */
static void
try_orders(Trial *trial, size_t n_added, double makespan)
{
    unsigned worker = first_free(trial);
    double was_free = trial->free[worker];

    if (makespan >= trial->best)
        return;
    if (n_added == trial->n) {
        trial->best = makespan;
        return;
    }
    for (DagTaskId id = 0; id < trial->n; id++) {
        double start = trial->end[id] < 0 ? start_after_predecessors(trial, id) : -1;

        if (start < 0)
            continue;
        start = MAX(start, was_free);
        trial->end[id] = trial->free[worker] = start + dag_plan_cost(trial->plan, id);
        try_orders(trial, n_added + 1, MAX(makespan, trial->end[id]));
        trial->end[id] = -1;
        trial->free[worker] = was_free;
    }
}

static double
optimum_of(const DagPlan *plan, unsigned n_workers)
{
    Trial trial = {.plan = plan,
                   .n = dag_graph_n_tasks(dag_plan_graph(plan)),
                   .n_workers = n_workers,
                   .best = dag_plan_total_cost(plan) + 1};

    for (size_t id = 0; id < MAX_TASKS; id++)
        trial.end[id] = -1;
    try_orders(&trial, 0, 0);
    return trial.best;
}

/* Return a graph of up to 7 tasks in words; costs are whole numbers, or tenths. */
static char *
random_words(Dice *dice)
{
    uint32_t n = 2 + dice_below(dice, MAX_TASKS - 1), percent = 10 + dice_below(dice, 50);
    bool has_tenths = dice_chance(dice, 50);
    GString *words = g_string_new(NULL);

    for (uint32_t i = 0; i < n; i++) {
        g_string_append_printf(words, "%st%u", i > 0 ? " " : "", i);
        for (uint32_t k = 0, n_needs = 0; k < i; k++)
            if (dice_chance(dice, percent))
                g_string_append_printf(words, "%st%u", n_needs++ == 0 ? "<" : ",", k);
        g_string_append_printf(words, ":%u", 1 + dice_below(dice, 6));
        if (has_tenths)
            g_string_append_printf(words, ".%u", dice_below(dice, 10));
    }
    return g_string_free(words, FALSE);
}

static void
test_never_above_the_optimum(void)
{
    Dice dice = 2026;
    unsigned n_raised = 0, n_exact = 0;

    for (int i = 0; i < 6000; i++) {
        g_autofree char *words = random_words(&dice);
        g_autoptr(DagGraph) graph = graph_of(words, NULL);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        DagMachine machine = {2 + dice_below(&dice, 2), 1};
        DagBound bound = dag_plan_best_bound(plan, &machine);
        double optimum = optimum_of(plan, machine.n_workers);

        if (bound.duration > optimum + 1e-6)
            g_error("%s with %u workers: %g is above the optimum %g", words,
                    machine.n_workers, bound.duration, optimum);
        n_raised += bound.cause == DAG_BOUND_INTERVAL;
        n_exact += bound.duration > optimum - 1e-6;
    }
    g_test_message("%u raised, %u exact", n_raised, n_exact);
    /* Both happen often enough to mean something. */
    g_assert_cmpuint(n_raised, >, 60);
    g_assert_cmpuint(n_exact, >, 4200);
}

static DagBound
bound_of(const char *words, unsigned n_workers)
{
    g_autoptr(DagGraph) graph = graph_of(words, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);

    return dag_plan_best_bound(plan, &(DagMachine){n_workers, 1});
}

static void
test_the_work_between_two_moments(void)
{
    /* The critical path takes 3 s, the work spread over the workers 2.5 s.  b, c and d run between 1 s
     * after the start and 1 s before the end. */
    DagBound bound = bound_of("a b<a c<a d<a e<b,c,d", 2);

    g_assert_cmpint(bound.cause, ==, DAG_BOUND_INTERVAL);
    g_assert_cmpfloat(bound.duration, ==, 4);
    g_assert_cmpfloat(bound.from, ==, 1);
    g_assert_cmpfloat(bound.rest, ==, 1);
}

static void
test_whole_costs_have_a_whole_bound(void)
{
    DagBound bound = bound_of("a b c", 2);

    g_assert_cmpint(bound.cause, ==, DAG_BOUND_WORKERS);
    g_assert_cmpfloat(bound.duration, ==, 2);
    g_assert_cmpfloat_with_epsilon(bound_of("a:0.3 b:0.3 c:0.3", 2).duration, 0.6, 1e-12);
    /* 1/3 is no multiple of a microsecond. */
    g_assert_cmpfloat_with_epsilon(
        bound_of("a:0.333333333 b:0.333333333 c:0.333333333", 2).duration, 0.5, 1e-6);
}

static void
test_no_more_than_the_simple_bounds_where_they_are_exact(void)
{
    g_assert_cmpint(bound_of("a b<a c<b", 2).cause, ==, DAG_BOUND_CHAIN);
    g_assert_cmpfloat(bound_of("a b<a c<b", 2).duration, ==, 3);
    g_assert_cmpint(bound_of("a b c d", 2).cause, ==, DAG_BOUND_WORKERS);
    g_assert_cmpfloat(bound_of("a b c d", 2).duration, ==, 2);
    g_assert_cmpfloat(bound_of("a:0 b:0", 1).duration, ==, 0);
    g_assert_cmpfloat(bound_of("", 1).duration, ==, 0);
    g_assert_cmpfloat(bound_of("a b", 0).duration, ==, 1);
}

/* Read a graph of the Standard Task Graph Set: a line for each task, with its number, its cost, the
 * number of predecessors, and these. */
static DagGraph *
read_stg(const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(GString) words = g_string_new(NULL);
    char *at;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;

    long n_tasks = strtol(text, &at, 10) + 2; /* two without cost stand at both ends */

    for (long i = 0; i < n_tasks; i++) {
        long id = strtol(at, &at, 10), cost = strtol(at, &at, 10);
        long n_preds = strtol(at, &at, 10);

        g_string_append_printf(words, "%st%ld", i > 0 ? " " : "", id);
        for (long p = 0; p < n_preds; p++)
            g_string_append_printf(words, "%st%ld", p == 0 ? "<" : ",",
                                   strtol(at, &at, 10));
        g_string_append_printf(words, ":%ld", cost);
    }
    return graph_of(words->str, NULL);
}

/* The table has lines "GRAPH,PROCESSORS,STATUS,LOWER BOUND,BEST KNOWN,SOURCE". */
static void
test_published_optima(void)
{
    const char *directory = g_getenv("DAGRUN_STG");
    g_autofree char *path =
        directory ? g_build_filename(directory, "optimal.csv", NULL) : NULL;
    g_autofree char *text = NULL;
    unsigned n = 0;

    if (!path || !g_file_get_contents(path, &text, NULL, NULL)) {
        g_test_skip("DAGRUN_STG is not a directory with optimal.csv and the graphs");
        return;
    }

    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines + 1; *line && **line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, ",", 6);
        g_autofree char *file = g_build_filename(directory, fields[0], NULL);
        g_autoptr(DagGraph) graph = read_stg(file);

        if (!graph)
            continue;

        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        unsigned n_workers = (unsigned)strtoul(fields[1], NULL, 10);
        DagBound bound = dag_plan_best_bound(plan, &(DagMachine){n_workers, 1});

        g_assert_cmpfloat(bound.duration, <=, strtod(fields[4], NULL));
        n++;
    }
    g_test_message("%u published graphs", n);
    g_assert_cmpuint(n, >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interval-bound/never-above-the-optimum",
                    test_never_above_the_optimum);
    g_test_add_func("/interval-bound/the-work-between-two-moments",
                    test_the_work_between_two_moments);
    g_test_add_func("/interval-bound/whole-costs-have-a-whole-bound",
                    test_whole_costs_have_a_whole_bound);
    g_test_add_func("/interval-bound/no-more-than-the-simple-bounds-where-they-are-exact",
                    test_no_more_than_the_simple_bounds_where_they_are_exact);
    g_test_add_func("/interval-bound/published-optima", test_published_optima);
    return g_test_run();
}
