/* SPDX-License-Identifier: MIT */
/*
 * Files: each gives a consistent graph that can be planned and reported, or errors with their
 * location.  The result is always the same.
 */
#include "fuzz.h"
#include "memory-file.h"

#include <dagrun/error.h>
#include <dagrun/load.h>
#include <dagrun/report.h>
#include <dagrun/tasks.h>
#include <string.h>

#define MAX_LINES 21 /* of an error: 20 errors, and a line that there are more */

static DagGraph *
load(const char *path, bool lenient, GError **error)
{
    return dag_load_file(
        path, &(DagLoadOptions){.kinds = dag_tasks_kinds(), .lenient = lenient}, error);
}

static void
check_error(const GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    assert_is_valid(error);
    g_assert_cmpint(error->code, !=, DAG_ERROR_IO);
    g_assert_cmpuint(g_strv_length(lines), <=, MAX_LINES);
    for (char **line = lines; *line; line++)
        g_assert_true(**line);
}

static void
check_task(const DagGraph *graph, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(graph, id);
    g_autoptr(GString) text = g_string_new(NULL);

    g_assert_cmpuint(dag_graph_find(graph, dag_graph_task_name(graph, id)), ==, id);
    g_assert_cmpuint(dag_graph_declared(graph).ids[dag_graph_position(graph, id)], ==, id);
    g_assert_cmpfloat(dag_graph_task_cost(graph, id), >=, 0);
    for (size_t i = 0; i < preds.n; i++)
        g_assert_cmpuint(preds.ids[i], <, id);
    dag_graph_describe_task(graph, id, text);
    g_assert_true(g_utf8_validate(text->str, (gssize)text->len, NULL));
}

static void
check_plan(const DagGraph *graph, DagPhaseRule rule)
{
    g_autoptr(DagPlan) plan = dag_plan_new(graph, rule, NULL);

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        DagIds preds = dag_graph_predecessors(graph, id);

        for (size_t i = 0; i < preds.n; i++)
            g_assert_cmpuint(dag_plan_phase(plan, preds.ids[i]), <,
                             dag_plan_phase(plan, id));
        g_assert_cmpfloat(dag_plan_rank(plan, id), <=, dag_plan_critical_path_length(plan));
    }
}

static void
check_reports(const DagGraph *graph)
{
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    dag_report_plan_table(plan, (DagTextStyle){.width = 40}, text);
    dag_report_plan_json(plan, text);
    dag_report_plan_dot(plan, text);
    dag_report_plan_mermaid(plan, text);
    g_assert_true(g_utf8_validate(text->str, (gssize)text->len, NULL));
}

static void
check_graph(const DagGraph *graph)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        check_task(graph, id);
    for (int rule = 0; rule < DAG_N_PHASE_RULES; rule++)
        check_plan(graph, (DagPhaseRule)rule);
    check_reports(graph);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MemoryFile file = memory_file_open(data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) same_error = NULL;
    g_autoptr(DagGraph) graph = load(file.path, false, &error);
    g_autoptr(DagGraph) lenient = load(file.path, true, &same_error);

    memory_file_close(&file);
    g_assert_true((graph != NULL) == (error == NULL));
    if (graph) {
        check_graph(graph);
        g_assert_no_error(same_error);
    } else {
        check_error(error);
        /* The lenient mode differs only in accepting missing values. */
        if (error->code != DAG_ERROR_SETTING)
            g_assert_cmpstr(same_error ? same_error->message : NULL, ==, error->message);
    }
    if (lenient)
        check_graph(lenient);
    return 0;
}
