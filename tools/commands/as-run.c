/* SPDX-License-Identifier: MIT */
#include "commands/as-run.h"

#include "commands/command.h"
#include "display/output.h"
#include "formats/past-run.h"

#include <string.h>

/* Print why the file is no record. */
static void
complain_of_record(GError *error)
{
    g_autoptr(GError) owned = error;

    if (g_error_matches(owned, DAG_ERROR, DAG_ERROR_INVALID)) {
        diagnose("%s\n", owned->message); /* it begins with its location */
        output_flush_diagnostics();
    } else {
        complain("%s", owned->message);
    }
}

DagPastRun *
as_run_read(const char *path)
{
    GError *error = NULL;
    DagPastRun *past = past_run_read(path, &error);

    if (!past)
        complain_of_record(error);
    return past;
}

/* Return whether one of the settings "NAME=…" is for the parameter. */
static bool
is_set(char *const *settings, const char *name)
{
    size_t length = strlen(name);

    for (; settings && *settings; settings++)
        if (strncmp(*settings, name, length) == 0 && (*settings)[length] == '=')
            return true;
    return false;
}

void
as_run_take_params(GraphOptions *options, const DagPastRun *past)
{
    g_autoptr(GPtrArray) settings = g_ptr_array_new();

    for (guint i = 0; i < past->params->len; i++) {
        const DagPastParam *param = &g_array_index(past->params, DagPastParam, i);

        if (param->value && strcmp(param->value, "***") != 0 &&
            !is_set(options->settings, param->name) &&
            !is_set(options->set_env, param->name) &&
            !is_set(options->set_file, param->name))
            g_ptr_array_add(settings, g_strdup_printf("%s=%s", param->name, param->value));
    }
    g_ptr_array_add(settings, NULL);
    g_strfreev(options->recorded);
    options->recorded = (char **)g_ptr_array_steal(settings, NULL);
    g_free(options->record);
    options->record = g_strdup(past->source);
}

/* Return whether the run has fewer tasks than the graph, and all of them are in the graph: it was a run
 * of selected tasks. */
static bool
is_selection(const DagGraph *graph, const DagPastRun *past)
{
    g_autoptr(GHashTable) names = NULL;
    size_t n_tasks = dag_graph_n_tasks(graph);

    if (past->tasks->len == 0 || past->tasks->len >= n_tasks)
        return false;
    names = g_hash_table_new(g_str_hash, g_str_equal);
    for (DagTaskId id = 0; id < n_tasks; id++)
        g_hash_table_add(names, (gpointer)dag_graph_task_name(graph, id));
    for (guint i = 0; i < past->tasks->len; i++)
        if (!g_hash_table_contains(names, dag_past_run_task(past, i)->id))
            return false;
    return true;
}

/* Select the tasks of the run. */
static void
select_tasks(GraphOptions *options, const DagPastRun *past)
{
    GPtrArray *words = g_ptr_array_new();

    g_ptr_array_add(words, g_strdup(options->words[0]));
    for (guint i = 0; i < past->tasks->len; i++)
        g_ptr_array_add(words, g_strdup(dag_past_run_task(past, i)->id));
    g_ptr_array_add(words, NULL);
    g_strfreev(options->words);
    options->words = (char **)g_ptr_array_free(words, FALSE);
}

/* Take out the tasks of the graph that the run had not, since --without had excluded them.
 * Returns: whether there are any. */
static bool
take_without(GraphOptions *options, const DagGraph *graph, const DagPastRun *past)
{
    GPtrArray *lists = g_ptr_array_new();
    bool has_any = false;

    for (char **list = options->without; list && *list; list++)
        g_ptr_array_add(lists, *list);
    for (guint i = 0; i < past->excluded->len; i++) {
        const char *name = g_ptr_array_index(past->excluded, i);

        if (dag_graph_find(graph, name) == DAG_TASK_NONE)
            continue;
        g_ptr_array_add(lists, g_strdup(name));
        has_any = true;
    }
    g_ptr_array_add(lists, NULL);
    g_free(options->without);
    options->without = (char **)g_ptr_array_free(lists, FALSE);
    return has_any;
}

DagGraph *
as_run_load(GraphOptions *options, const DagPastRun *past, int *status_out)
{
    bool has_targets = options->words[1] != NULL;
    DagGraph *graph;

    as_run_take_params(options, past);
    graph = options_load(options, LOAD_TO_PLAN, status_out);
    if (graph && take_without(options, graph, past)) {
        dag_graph_free(graph);
        graph = options_load(options, LOAD_TO_PLAN, status_out);
    }
    if (!graph || has_targets || !is_selection(graph, past))
        return graph;
    dag_graph_free(graph);
    select_tasks(options, past);
    return options_load(options, LOAD_TO_PLAN, status_out);
}

/* Return whether the tasks of the run are in the phases of the plan. */
static bool
has_phases_of(const DagPlan *plan, const DagPastRun *past)
{
    DagIds declared = dag_graph_declared(dag_plan_graph(plan));

    for (size_t i = 0; i < declared.n && i < past->tasks->len; i++)
        if (dag_past_run_task(past, (uint32_t)i)->phase !=
            dag_plan_phase(plan, declared.ids[i]) + 1)
            return false;
    return true;
}

DagPlan *
as_run_plan(const GraphOptions *options, const DagGraph *graph, const DagPastRun *past)
{
    for (int rule = 0; rule < DAG_N_PHASE_RULES && !options->rule_name; rule++) {
        DagPlan *plan = dag_plan_new(graph, (DagPhaseRule)rule, NULL);

        if (has_phases_of(plan, past))
            return plan;
        dag_plan_free(plan);
    }
    return dag_plan_new(graph, options->rule, NULL);
}
