/* SPDX-License-Identifier: MIT */
#include <dagrun/explain.h>

#include "graph-of.h"
#include "random-graph.h"
#include "run-case.h"

#define N_SEEDS 150

/* A graph of words and its plan. */
static Case
plan_of(const char *words, DagPhaseRule rule)
{
    DagGraph *graph = graph_of(words, NULL);

    return (Case){.graph = graph, .plan = dag_plan_new(graph, rule, NULL)};
}

static const char *
name_of(const Case *it, DagTaskId id)
{
    return id == DAG_TASK_NONE ? "-" : dag_graph_task_name(it->graph, id);
}

/* Return "d after c, c after a, a first". */
static char *
reasons_of(const Case *it, const char *task)
{
    static const char *const words[] = {"first", "after", "before", "last"};
    GString *text = g_string_new(NULL);
    DagTaskId id = dag_graph_find(it->graph, task);

    while (id != DAG_TASK_NONE) {
        DagPhaseReason reason = dag_explain_phase(it->plan, id);

        g_string_append_printf(text, "%s%s %s", text->len > 0 ? ", " : "", name_of(it, id),
                               words[reason.cause]);
        id = reason.witness;
        if (id != DAG_TASK_NONE)
            g_string_append_printf(text, " %s", name_of(it, id));
    }
    return g_string_free(text, FALSE);
}

static void
test_a_phase_has_a_chain_of_witnesses(void)
{
#define SHAPE "a b<a c<b d<a,late,c late free"
    static const struct {
        DagPhaseRule rule;
        const char *task, *expected;
    } cases[] = {
        {DAG_PHASES_JUST_IN_TIME, "d", "d after c, c after b, b after a, a first"},
        {DAG_PHASES_JUST_IN_TIME, "late",
         "late before d, d after c, c after b, b after a, a first"},
        {DAG_PHASES_JUST_IN_TIME, "free", "free last"},
        {DAG_PHASES_JUST_IN_TIME, "a", "a first"},
        {DAG_PHASES_ASAP, "late", "late first"},
        {DAG_PHASES_ASAP, "b", "b after a, a first"},
        {DAG_PHASES_ALAP, "b", "b before c, c before d, d last"},
        {DAG_PHASES_ALAP, "free", "free last"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Case) it = plan_of(SHAPE, cases[i].rule);
        g_autofree char *got = reasons_of(&it, cases[i].task);

        g_assert_cmpstr(got, ==, cases[i].expected);
    }
}

static bool
contains(DagIds ids, DagTaskId id)
{
    for (size_t i = 0; i < ids.n; i++)
        if (ids.ids[i] == id)
            return true;
    return false;
}

/* Assert that the reason is true. */
static void
check_reason(const DagPlan *plan, DagTaskId id, DagPhaseReason reason)
{
    const DagGraph *graph = dag_plan_graph(plan);
    DagIds preds = dag_graph_predecessors(graph, id),
           succs = dag_graph_successors(graph, id);
    uint32_t phase = dag_plan_phase(plan, id);

    switch (reason.cause) {
    case DAG_PHASE_FIRST:
        g_assert_cmpuint(phase, ==, 0);
        g_assert_cmpuint(preds.n, ==, 0);
        break;
    case DAG_PHASE_AFTER:
        g_assert_true(contains(preds, reason.witness));
        g_assert_cmpuint(dag_plan_phase(plan, reason.witness) + 1, ==, phase);
        break;
    case DAG_PHASE_BEFORE:
        g_assert_true(contains(succs, reason.witness));
        g_assert_cmpuint(dag_plan_phase(plan, reason.witness), ==, phase + 1);
        break;
    case DAG_PHASE_LAST:
        g_assert_cmpuint(phase + 1, ==, dag_plan_n_phases(plan));
        g_assert_cmpuint(succs.n, ==, 0);
        break;
    case DAG_PHASE_SHORTEST:
        g_assert_cmpint(dag_plan_phase_rule(plan), ==, DAG_PHASES_COMPACT);
        g_assert_cmpuint(phase, >, 0);
        for (size_t i = 0; i < preds.n; i++)
            g_assert_cmpuint(dag_plan_phase(plan, preds.ids[i]) + 1, <, phase);
        break;
    }
}

static DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

/* A random graph whose dependencies are all bare. */
static DagGraph *
random_graph(uint64_t seed, uint32_t policy_percent)
{
    static const DagKind plain = {.name = "plain", .run = succeed};
    const DagKind *const kinds[] = {&plain};
    g_autoptr(RandomGraph) random = random_graph_new(
        seed, &(RandomGraphOptions){.max_tasks = 40, .policy_percent = policy_percent});

    return random_graph_build(random, kinds, 1);
}

static void
test_every_witness_proves_the_phase(void)
{
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_autoptr(DagGraph) graph = random_graph(seed, 0);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, (DagPhaseRule)(seed % 3), NULL);

        for (DagTaskId task = 0; task < dag_graph_n_tasks(graph); task++) {
            size_t n_steps = 0;

            for (DagTaskId id = task; id != DAG_TASK_NONE; n_steps++) {
                DagPhaseReason reason = dag_explain_phase(plan, id);

                check_reason(plan, id, reason);
                g_assert_cmpuint(n_steps, <=, dag_plan_n_phases(plan));
                id = reason.witness;
            }
        }
    }
}

static void
test_start_and_finish_have_a_cause(void)
{
    g_auto(Case) it = plan_of("a:2 b:3 c<a,b:1 d<c:5 e<c:4", DAG_PHASES_ASAP);
    DagTaskId c = dag_graph_find(it.graph, "c");

    g_assert_cmpstr(name_of(&it, dag_explain_start(it.plan, c)), ==, "b");
    g_assert_cmpstr(name_of(&it, dag_explain_finish(it.plan, c)), ==, "d");
    g_assert_cmpuint(dag_explain_start(it.plan, dag_graph_find(it.graph, "a")), ==,
                     DAG_TASK_NONE);
    g_assert_cmpuint(dag_explain_finish(it.plan, dag_graph_find(it.graph, "e")), ==,
                     DAG_TASK_NONE);
}

static void
test_all_tasks_before_and_after_are_counted(void)
{
    g_auto(Case) it = plan_of("a b<a c<a d<b,c e<d f", DAG_PHASES_ASAP);
    DagTaskId d = dag_graph_find(it.graph, "d"), f = dag_graph_find(it.graph, "f");

    g_assert_cmpuint(dag_explain_n_before(it.plan, d), ==, 3);
    g_assert_cmpuint(dag_explain_n_after(it.plan, d), ==, 1);
    g_assert_cmpuint(dag_explain_n_after(it.plan, dag_graph_find(it.graph, "a")), ==, 4);
    g_assert_cmpuint(dag_explain_n_before(it.plan, f) + dag_explain_n_after(it.plan, f), ==,
                     0);
}

static void
test_headroom_ends_where_another_chain_is_the_longest(void)
{
    /* a b d: 2 + 5 + 1 = 8; a c d: 2 + 3 + 1 = 6; x: 7. */
    g_auto(Case) it = plan_of("a:2 b<a:5 c<a:3 d<b,c:1 x:7", DAG_PHASES_ASAP);
    g_autoptr(DagExplanation) facts = dag_explain_plan(it.plan);
    g_autofree char *path = names_of(it.graph, dag_plan_critical_path(it.plan));

    g_assert_cmpstr(path, ==, "a b d");
    g_assert_cmpfloat(facts->headrooms[0], ==, 1); /* until x is the longest */
    g_assert_cmpfloat(facts->headrooms[1], ==, 1);
    g_assert_cmpfloat(facts->headrooms[2], ==, 1);

    g_auto(Case) other = plan_of("a:2 b<a:5 c<a:3 d<b,c:1", DAG_PHASES_ASAP);
    g_autoptr(DagExplanation) more = dag_explain_plan(other.plan);

    g_assert_cmpfloat(more->headrooms[0], ==, 2); /* at most its cost */
    g_assert_cmpfloat(more->headrooms[1], ==, 2); /* until c is as long as b */
    g_assert_cmpfloat(more->headrooms[2], ==, 1);
}

/* Plan again with each task of the critical path at no cost. */
static void
check_headrooms(const DagPlan *plan, double *costs)
{
    g_autoptr(DagExplanation) facts = dag_explain_plan(plan);
    DagIds path = dag_plan_critical_path(plan);

    for (size_t i = 0; i < path.n; i++) {
        double cost = costs[path.ids[i]];

        costs[path.ids[i]] = 0;
        g_autoptr(DagPlan) faster =
            dag_plan_new(dag_plan_graph(plan), DAG_PHASES_ASAP, costs);

        g_assert_cmpfloat(facts->headrooms[i], ==,
                          dag_plan_critical_path_length(plan) -
                              dag_plan_critical_path_length(faster));
        costs[path.ids[i]] = cost;
    }
}

static void
test_headroom_is_what_a_new_plan_gains(void)
{
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_autoptr(DagGraph) graph = random_graph(seed, 0);
        g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)seed);
        double costs[64];

        for (size_t id = 0; id < dag_graph_n_tasks(graph); id++)
            costs[id] = g_rand_int_range(rand, 0, 10);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, costs);

        check_headrooms(plan, costs);
    }
}

/* Return "c: a through b" for each redundancy. */
static char *
redundancies_of(const Case *it)
{
    g_autoptr(DagExplanation) facts = dag_explain_plan(it->plan);
    GString *text = g_string_new(NULL);

    g_assert_cmpuint(facts->n_searched, ==, dag_graph_n_tasks(it->graph));
    for (size_t i = 0; i < facts->n_redundancies; i++)
        g_string_append_printf(text, "%s%s: %s through %s", i > 0 ? ", " : "",
                               name_of(it, facts->redundancies[i].task),
                               name_of(it, facts->redundancies[i].need),
                               name_of(it, facts->redundancies[i].through));
    return g_string_free(text, FALSE);
}

static void
test_dependencies_that_others_imply_are_found(void)
{
    static const struct {
        const char *words, *expected;
    } cases[] = {
        {"a b<a c<a,b", "c: a through b"},
        {"a b<a c<b d<c,a", "d: a through c"},
        {"a b<a c<a d<b,c", ""},
        /* A clean-up in between runs although a failed; one at the end learns of a's outcome. */
        {"a b<a* c<a,b", ""},
        {"a b<a c<a,b*", ""},
        {"a b<a x c<x,a,b d<c,a,x", "c: a through b, d: a through c, d: x through c"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Case) it = plan_of(cases[i].words, DAG_PHASES_ASAP);
        g_autofree char *got = redundancies_of(&it);

        g_assert_cmpstr(got, ==, cases[i].expected);
    }
}

/* Mark the tasks that must have succeeded before `id` runs, itself not. */
static void
mark_implied(const DagGraph *graph, DagTaskId id, bool *marks)
{
    DagIds preds = dag_graph_predecessors(graph, id);

    if (dag_graph_task_policy(graph, id)->always)
        return;
    for (size_t i = 0; i < preds.n; i++) {
        marks[preds.ids[i]] = true;
        mark_implied(graph, preds.ids[i], marks);
    }
}

/* Return true if a dependency is redundant, by definition. */
static bool
is_implied(const DagGraph *graph, DagTaskId task, DagTaskId need)
{
    DagIds preds = dag_graph_predecessors(graph, task);
    bool marks[64] = {false};

    for (size_t i = 0; i < preds.n; i++)
        mark_implied(graph, preds.ids[i], marks);
    return marks[need] && !dag_graph_task_policy(graph, task)->always;
}

static void
test_redundancies_are_those_of_the_definition(void)
{
    size_t n_all = 0;

    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_autoptr(DagGraph) graph = random_graph(seed, seed % 2 ? 30 : 0);
        g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
        g_autoptr(DagExplanation) facts = dag_explain_plan(plan);
        size_t n = 0;

        for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
            DagIds preds = dag_graph_predecessors(graph, id);

            for (size_t i = 0; i < preds.n; i++) {
                if (!is_implied(graph, id, preds.ids[i]))
                    continue;
                g_assert_cmpuint(n, <, facts->n_redundancies);
                g_assert_cmpuint(facts->redundancies[n].task, ==, id);
                g_assert_cmpuint(facts->redundancies[n++].need, ==, preds.ids[i]);
            }
        }
        g_assert_cmpuint(n, ==, facts->n_redundancies);
        n_all += n;
    }
    g_assert_cmpuint(n_all, >, 100);
}

static void
test_chains_of_three_tasks_in_a_row_are_found(void)
{
    g_auto(Case) it =
        plan_of("a b<a c<b  d<c e<c  p q<p  x y<x z<y end<d,e,q,z* v w<v* u<w", //
                DAG_PHASES_ASAP);
    g_autoptr(DagExplanation) facts = dag_explain_plan(it.plan);
    g_autofree char *first = NULL, *second = NULL;

    g_assert_cmpuint(facts->n_chains, ==, 2);
    first = names_of(it.graph, dag_explanation_chain(facts, 0));
    second = names_of(it.graph, dag_explanation_chain(facts, 1));
    g_assert_cmpstr(first, ==, "a b c");
    g_assert_cmpstr(second, ==, "x y z");
}

static void
test_phases_of_one_task_are_found(void)
{
    g_auto(Case) it = plan_of("a b<a c<a d<b", DAG_PHASES_ASAP);
    g_autoptr(DagExplanation) facts = dag_explain_plan(it.plan);
    g_auto(Case) one = plan_of("a", DAG_PHASES_ASAP);
    g_autoptr(DagExplanation) alone = dag_explain_plan(one.plan);

    g_assert_cmpuint(facts->n_single_phases, ==, 2);
    g_assert_cmpuint(facts->single_phases[0], ==, 0);
    g_assert_cmpuint(facts->single_phases[1], ==, 2);
    g_assert_cmpuint(alone->n_single_phases, ==, 0);
}

static void
test_an_empty_plan_has_nothing_to_explain(void)
{
    g_auto(Case) it = plan_of("", DAG_PHASES_ASAP);
    g_autoptr(DagExplanation) facts = dag_explain_plan(it.plan);

    g_assert_cmpuint(facts->n_redundancies + facts->n_chains + facts->n_single_phases, ==,
                     0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/explain/a-phase-has-a-chain-of-witnesses",
                    test_a_phase_has_a_chain_of_witnesses);
    g_test_add_func("/explain/every-witness-proves-the-phase",
                    test_every_witness_proves_the_phase);
    g_test_add_func("/explain/start-and-finish-have-a-cause",
                    test_start_and_finish_have_a_cause);
    g_test_add_func("/explain/all-tasks-before-and-after-are-counted",
                    test_all_tasks_before_and_after_are_counted);
    g_test_add_func("/explain/headroom-ends-where-another-chain-is-the-longest",
                    test_headroom_ends_where_another_chain_is_the_longest);
    g_test_add_func("/explain/headroom-is-what-a-new-plan-gains",
                    test_headroom_is_what_a_new_plan_gains);
    g_test_add_func("/explain/dependencies-that-others-imply-are-found",
                    test_dependencies_that_others_imply_are_found);
    g_test_add_func("/explain/redundancies-are-those-of-the-definition",
                    test_redundancies_are_those_of_the_definition);
    g_test_add_func("/explain/chains-of-three-tasks-in-a-row-are-found",
                    test_chains_of_three_tasks_in_a_row_are_found);
    g_test_add_func("/explain/phases-of-one-task-are-found",
                    test_phases_of_one_task_are_found);
    g_test_add_func("/explain/an-empty-plan-has-nothing-to-explain",
                    test_an_empty_plan_has_nothing_to_explain);
    return g_test_run();
}
