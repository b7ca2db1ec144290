/* SPDX-License-Identifier: MIT */
/*
 * The outcomes of other tasks that a context knows, and the variables of clean-ups.
 */
#include "graph-of.h"

#include <dagrun/context.h>
#include <dagrun/execute.h>
#include <string.h>

/* Tasks of the tests begin with the letter that says how they end; the others are asked. */
static DagOutcome
end_by_name(DagContext *context, const void *config)
{
    const char *name =
        dag_graph_task_name(dag_context_graph(context), dag_context_task(context));

    (void)config;
    switch (*name) {
    case 'f':
        return DAG_FAILED;
    case 't':
        return DAG_TIMED_OUT;
    default:
        return DAG_SUCCEEDED;
    }
}

static const DagKind ending = {.name = "ending", .run = end_by_name};

/* The answers that the context of the clean-up gave. */
static GString *answers;
static size_t n_asked; /* failed tasks that were asked for */
static size_t n_failed;

static DagOutcome
ask(DagContext *context, const void *config)
{
    const DagGraph *graph = dag_context_graph(context);
    DagIds preds = dag_graph_predecessors(graph, dag_context_task(context));
    DagTaskId failed[4] = {DAG_TASK_NONE, DAG_TASK_NONE, DAG_TASK_NONE, DAG_TASK_NONE};

    (void)config;
    g_string_append_printf(answers, "run:%s",
                           dag_outcome_name(dag_context_run_outcome(context)));
    for (size_t i = 0; i < preds.n; i++)
        g_string_append_printf(
            answers, " %s:%s", dag_graph_task_name(graph, preds.ids[i]),
            dag_outcome_name(dag_context_outcome(context, preds.ids[i])));
    n_failed = dag_context_failed(context, failed, n_asked);
    g_string_append(answers, ";");
    for (size_t i = 0; i < MIN(n_failed, n_asked); i++)
        g_string_append_printf(answers, " %s", dag_graph_task_name(graph, failed[i]));
    g_assert_cmpuint(failed[n_asked], ==, DAG_TASK_NONE);
    return DAG_SUCCEEDED;
}

static const DagKind asking = {.name = "asking", .run = ask};

/* Run the tasks of `words` and a clean-up that needs `needs`, and assert its answers. */
static void
assert_answers(const char *words, const char *needs, const char *expected)
{
    DagBuilder *builder = builder_of(words, &ending, NULL);
    g_autoptr(GError) error = NULL;

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "z",
                                                 .needs = needs,
                                                 .kind = &asking,
                                                 .policy = {.always = true}});
    answers = g_string_new(NULL);

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagRun) run =
        dag_execute(plan, &(DagExecuteOptions){.n_workers = 1, .keep_going = true}, &error);

    g_assert_no_error(error);
    g_assert_nonnull(run);
    g_assert_cmpstr(answers->str, ==, expected);
    g_string_free(g_steal_pointer(&answers), TRUE);
}

static void
test_a_context_knows_outcomes(void)
{
    n_asked = 3;
    assert_answers("a b", "a b", "run:succeeded a:succeeded b:succeeded;");
    assert_answers("a f b<f t", "a f b t",
                   "run:failed a:succeeded f:failed b:blocked t:timed-out; f t");
    assert_answers("f~ t~", "f t", "run:succeeded f:failed t:timed-out;");
    assert_answers("f~ t2", "f t2", "run:failed f:failed t2:timed-out; t2");
}

static void
test_failed_tasks_may_be_more_than_asked_for(void)
{
    n_asked = 2;
    assert_answers("f1 f2 f3 t4", "f1 f2 f3 t4",
                   "run:failed f1:failed f2:failed f3:failed t4:timed-out; f1 f2");
    g_assert_cmpuint(n_failed, ==, 4);
    n_asked = 0;
    assert_answers("f1", "f1", "run:failed f1:failed;");
    g_assert_cmpuint(n_failed, ==, 1);
}

/* Assert the variables of the last task, as "VARIABLE=TASK" or "VARIABLE=-" for an excluded one. */
static void
assert_variables(DagBuilder *builder, const char *expected)
{
    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    size_t n;
    const DagOutcomeVariable *all =
        dag_graph_task_outcomes(graph, (DagTaskId)dag_graph_n_tasks(graph) - 1, &n);

    for (size_t i = 0; i < n; i++)
        g_string_append_printf(
            text, "%s%s=%s", i > 0 ? " " : "", all[i].name,
            all[i].task == DAG_TASK_NONE ? "-" : dag_graph_task_name(graph, all[i].task));
    g_assert_cmpstr(text->str, ==, expected);
}

static void
test_clean_ups_have_a_variable_for_each_task_they_name(void)
{
    assert_variables(builder_of("b a c<a<b*", NULL, NULL),
                     "DAGRUN_OUTCOME_a=a DAGRUN_OUTCOME_b=b");
    assert_variables(builder_of("a b<a", NULL, NULL), "");
    assert_variables(builder_of("a x.y<a? z<x.y*", NULL, NULL), "DAGRUN_OUTCOME_x_y=-");
    /* Neither of two tasks whose variables would have the same name has one. */
    assert_variables(builder_of("a-b a.b c d<a-b<c<a.b*", NULL, NULL),
                     "DAGRUN_OUTCOME_c=c");
}

static void
test_the_variables_of_a_clean_up_are_bounded(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GString) needs = g_string_new(NULL);
    size_t n, size = 0;

    for (unsigned i = 0; i < 5000; i++) {
        g_autofree char *name = g_strdup_printf("task%u", i);

        dag_builder_add_task(builder, &(DagTaskSpec){.name = name});
        g_string_append_printf(needs, "%s ", name);
    }
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "end", .needs = needs->str, .policy = {.always = true}});

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    const DagOutcomeVariable *all = dag_graph_task_outcomes(graph, 5000, &n);

    g_assert_cmpuint(n, >, 1000);
    for (size_t i = 0; i < n; i++) {
        g_assert_cmpuint(all[i].task, ==, i);
        size += strlen(all[i].name) + strlen("=succeeded") + 1;
    }
    g_assert_cmpuint(size, <=, 65536);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outcomes/a-context-knows-outcomes", test_a_context_knows_outcomes);
    g_test_add_func("/outcomes/failed-tasks-may-be-more-than-asked-for",
                    test_failed_tasks_may_be_more_than_asked_for);
    g_test_add_func("/outcomes/clean-ups-have-a-variable-for-each-task-they-name",
                    test_clean_ups_have_a_variable_for_each_task_they_name);
    g_test_add_func("/outcomes/the-variables-of-a-clean-up-are-bounded",
                    test_the_variables_of_a_clean_up_are_bounded);
    return g_test_run();
}
