/* SPDX-License-Identifier: MIT */
/*
 * WfFormat 1.5, the format of WfCommons (Coleman et al., 2022).  Declared costs are runtimes of an
 * execution that has not taken place: its makespan is the critical path, and its start is 1970.
 */
#include "formats/writers.h"

#include <dagrun/plan.h>
#include <dagrun/text.h>
#include <string.h>

/* Append the ids as an array. */
static void
append_ids(const DagGraph *graph, DagIds ids, GString *out)
{
    g_string_append_c(out, '[');
    for (size_t i = 0; i < ids.n; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        dag_text_append_json(out, dag_graph_task_name(graph, ids.ids[i]));
    }
    g_string_append_c(out, ']');
}

static void
append_task(const DagGraph *graph, DagTaskId id, GString *out)
{
    g_string_append(out, "{\"name\": ");
    dag_text_append_json(out, dag_graph_task_title(graph, id));
    g_string_append(out, ", \"id\": ");
    dag_text_append_json(out, dag_graph_task_name(graph, id));
    g_string_append(out, ",\n         \"parents\": ");
    append_ids(graph, dag_graph_predecessors(graph, id), out);
    g_string_append(out, ",\n         \"children\": ");
    append_ids(graph, dag_graph_successors(graph, id), out);
    g_string_append_c(out, '}');
}

/* Append the runtimes of the tasks that declare a cost.  Returns: their number. */
static size_t
append_runtimes(const DagGraph *graph, GString *out)
{
    DagIds declared = dag_graph_declared(graph);
    char number[NUMBER_SIZE];
    size_t n = 0;

    for (size_t i = 0; i < declared.n; i++) {
        DagTaskId id = declared.ids[i];

        if (!dag_graph_task_has_cost(graph, id))
            continue;
        g_string_append(out, n++ > 0 ? ",\n        {\"id\": " : "        {\"id\": ");
        dag_text_append_json(out, dag_graph_task_name(graph, id));
        g_string_append_printf(out, ", \"runtimeInSeconds\": %s}",
                               exact_number(dag_graph_task_cost(graph, id), number));
    }
    return n;
}

static void
append_execution(const DagGraph *graph, GString *out)
{
    g_autoptr(GString) runtimes = g_string_new(NULL);
    g_autoptr(DagPlan) plan = NULL;
    char number[NUMBER_SIZE];

    if (append_runtimes(graph, runtimes) == 0)
        return;
    plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_string_append_printf(out,
                           ",\n    \"execution\": {\n"
                           "      \"makespanInSeconds\": %s,\n"
                           "      \"executedAt\": \"1970-01-01T00:00:00Z\",\n"
                           "      \"tasks\": [\n",
                           exact_number(dag_plan_critical_path_length(plan), number));
    g_string_append_len(out, runtimes->str, (gssize)runtimes->len);
    g_string_append(out, "\n      ]\n    }");
}

/* Warn of an id that the schema of the format does not allow. */
static void
check_id(const Export *export, DagTaskId id)
{
    for (const char *c = dag_graph_task_name(export->graph, id); *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("-_.", *c)) {
            export_warn(export, id, "has an id with other characters than WfFormat allows");
            return;
        }
}

bool
write_wfformat(const Export *export, GString *out, GError **error)
{
    const DagGraph *graph = export->graph;
    DagIds declared = dag_graph_declared(graph);

    (void)error;
    g_string_append(out, "{\n  \"name\": ");
    dag_text_append_json(out, dag_graph_name(graph));
    if (dag_graph_title(graph)) {
        g_string_append(out, ",\n  \"description\": ");
        dag_text_append_json(out, dag_graph_title(graph));
    }
    g_string_append(out, ",\n  \"schemaVersion\": \"1.5\",\n  \"workflow\": {\n"
                         "    \"specification\": {\n      \"tasks\": [\n");
    for (size_t i = 0; i < declared.n; i++) {
        check_id(export, declared.ids[i]);
        g_string_append(out, i > 0 ? ",\n        " : "        ");
        append_task(graph, declared.ids[i], out);
    }
    g_string_append(out, "\n      ]\n    }");
    append_execution(graph, out);
    g_string_append(out, "\n  }\n}\n");
    return true;
}
