/* SPDX-License-Identifier: MIT */
/*
 * Lists as JSON: arrays of objects with at least name and summary.
 */
#include "report/json.h"

#include <dagrun/report.h>
#include <string.h>

static void
begin_item(JsonWriter *json, const char *name, const char *summary)
{
    dag__json_begin_object(json, NULL);
    dag__json_string(json, "name", name);
    dag__json_string(json, "summary", summary);
}

void
dag_report_strategies_json_to(const DagReportSink *sink)
{
    g_return_if_fail(sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_array(&json, NULL);
    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        begin_item(&json, (*strategy)->name, (*strategy)->summary);
        dag__json_string(&json, "source", (*strategy)->source);
        dag__json_end_object(&json);
    }
    dag__json_end_array(&json);
}

void
dag_report_kinds_json_to(const DagKind *const *kinds, const DagReportSink *sink)
{
    g_return_if_fail(kinds && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_array(&json, NULL);
    for (; *kinds; kinds++) {
        begin_item(&json, (*kinds)->name, (*kinds)->summary ? (*kinds)->summary : "");
        dag__json_end_object(&json);
    }
    dag__json_end_array(&json);
}

void
dag_report_tasks_json_to(const DagGraph *graph, const DagReportSink *sink)
{
    g_return_if_fail(graph && sink && sink->write);

    DagIds declared = dag_graph_declared(graph);
    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_array(&json, NULL);
    for (size_t i = 0; i < declared.n && !stream.is_over; i++) {
        begin_item(&json, dag_graph_task_name(graph, declared.ids[i]),
                   dag_graph_task_title(graph, declared.ids[i]));
        dag__json_end_object(&json);
    }
    dag__json_end_array(&json);
}

static void
write_choices(JsonWriter *json, const char *choices)
{
    g_auto(GStrv) words = g_strsplit_set(choices, " \t\r\n", -1);

    dag__json_begin_array(json, "choices");
    for (char **word = words; *word; word++)
        if (**word)
            dag__json_string(json, NULL, *word);
    dag__json_end_array(json);
}

void
dag_report_params_json_to(const DagGraph *graph, const DagReportSink *sink)
{
    g_return_if_fail(graph && sink && sink->write);

    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);
    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_array(&json, NULL);
    for (const DagParam *param = params; param < params + n && !stream.is_over; param++) {
        begin_item(&json, param->name, param->title ? param->title : "");
        dag__json_string(&json, "type", dag_param_type_name(param->type));
        if (param->choices)
            write_choices(&json, param->choices);
        dag__json_string(&json, "default", param->default_text);
        dag__json_boolean(&json, "secret", param->is_secret);
        dag__json_end_object(&json);
    }
    dag__json_end_array(&json);
}
