/* SPDX-License-Identifier: MIT */
/*
 * The findings about a run as JSON.
 */
#include "report/json.h"

#include <dagrun/report.h>

static void
write_finding(JsonWriter *json, const DagGraph *graph, const DagFinding *finding)
{
    dag__json_begin_object(json, NULL);
    dag__json_string(json, "rule", dag_rule_name(finding->rule));
    if (finding->task != DAG_TASK_NONE)
        dag__json_string(json, "task", dag_graph_task_name(graph, finding->task));
    dag__json_string(json, "text", finding->text);
    dag__json_end_object(json);
}

void
dag_report_verdict_json_to(const DagVerdict *verdict, const DagPlan *plan,
                           const DagReportSink *sink)
{
    g_return_if_fail(verdict && plan && sink && sink->write);

    const DagGraph *graph = dag_plan_graph(plan);
    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_object(&json, NULL);
    dag__json_integer(&json, "format_version", 1);
    dag__json_string(&json, "graph", dag_graph_name(graph));
    dag__json_integer(&json, "tasks", (int64_t)verdict->n_tasks);
    dag__json_integer(&json, "attempts", (int64_t)verdict->n_attempts);
    dag__json_integer(&json, "dependencies", (int64_t)verdict->n_dependencies);
    dag__json_integer(&json, "n_findings", (int64_t)verdict->n_findings);
    dag__json_begin_array(&json, "findings");
    for (guint i = 0; i < verdict->findings->len; i++)
        write_finding(&json, graph, &g_array_index(verdict->findings, DagFinding, i));
    dag__json_end_array(&json);
    dag__json_end_object(&json);
}
