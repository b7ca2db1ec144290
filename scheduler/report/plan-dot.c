/* SPDX-License-Identifier: MIT */
/*
 * The plan for Graphviz: time goes from left to right, each phase is a cluster and one rank.
 * With newrank, ranks hold across clusters.  Each phase has a task that needs one of the phase
 * before, so Graphviz puts the phases in order.
 */
#include "report/measures.h"
#include "report/stream.h"

#include <dagrun/report.h>

#define CRITICAL "#c62828"

/*
 * Append a quoted string.  Graphviz interprets backslashes and, in labels, entities such as
 * "&amp;", so both are escaped.
 */
static void
append_quoted(Stream *stream, const char *text)
{
    g_autofree char *valid = NULL;
    GString *out = stream->text;

    if (dag__stream_quote(stream, text, "\"\\&"))
        return;
    valid = g_utf8_make_valid(text, -1);
    g_string_append_c(out, '"');
    for (const char *p = valid; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_printf(out, "\\%c", *p);
        else if (*p == '&')
            g_string_append(out, "&amp;");
        else if (*p == '\n')
            g_string_append(out, "\\n");
        else
            g_string_append_c(out, g_ascii_iscntrl(*p) ? ' ' : *p);
    }
    g_string_append_c(out, '"');
}

static void
write_task(const DagPlan *plan, DagTaskId id, bool is_critical, Stream *stream)
{
    GString *out = stream->text;
    const DagGraph *graph = dag_plan_graph(plan);
    const char *name = dag_graph_task_name(graph, id);

    g_string_append(out, "    ");
    append_quoted(stream, name);
    g_string_append(out, " [label=");
    append_quoted(stream, dag_graph_task_title(graph, id));
    g_string_append(out, ", tooltip=");
    append_quoted(stream, name);
    if (is_critical)
        g_string_append(out, ", color=\"" CRITICAL "\", penwidth=2");
    g_string_append(out, "];\n");
}

static void
write_phase(const DagPlan *plan, uint32_t phase, const uint32_t *positions, Stream *stream)
{
    GString *out = stream->text;
    DagIds tasks = dag_plan_phase_tasks(plan, phase);
    const char *title = dag_plan_phase_title(plan, phase);
    g_autofree char *label = title ? g_strdup_printf("%u %s", phase + 1, title)
                                   : g_strdup_printf("%u", phase + 1);

    g_string_append_printf(out, "  subgraph cluster_%u {\n    label=", phase + 1);
    append_quoted(stream, label);
    g_string_append(out, ";\n    rank=same;\n");
    for (size_t i = 0; i < tasks.n && stream_relieve(stream); i++)
        write_task(plan, tasks.ids[i], positions[tasks.ids[i]] > 0, stream);
    g_string_append(out, "  }\n");
}

static void
write_dependencies(const DagPlan *plan, DagTaskId id, const uint32_t *positions,
                   Stream *stream)
{
    GString *out = stream->text;
    const DagGraph *graph = dag_plan_graph(plan);
    DagIds preds = dag_graph_predecessors(graph, id);

    for (size_t p = 0; p < preds.n && stream_relieve(stream); p++) {
        g_string_append(out, "  ");
        append_quoted(stream, dag_graph_task_name(graph, preds.ids[p]));
        g_string_append(out, " -> ");
        append_quoted(stream, dag_graph_task_name(graph, id));
        if (dag__is_critical_step(positions, preds.ids[p], id))
            g_string_append(out, " [color=\"" CRITICAL "\", penwidth=2]");
        g_string_append(out, ";\n");
    }
}

static void
write_plan(const DagPlan *plan, Stream *stream)
{
    GString *out = stream->text;
    const DagGraph *graph = dag_plan_graph(plan);
    const char *title = dag_graph_title(graph);
    DagIds declared = dag_graph_declared(graph);
    g_autofree uint32_t *positions = dag__critical_positions(plan);

    g_string_append(out, "digraph ");
    append_quoted(stream, dag_graph_name(graph));
    g_string_append(out, " {\n  label=");
    append_quoted(stream, title ? title : dag_graph_name(graph));
    g_string_append(out, ";\n"
                         "  labelloc=t;\n"
                         "  rankdir=LR;\n"
                         "  newrank=true;\n"
                         "  charset=\"UTF-8\";\n"
                         "  fontname=\"sans-serif\";\n"
                         "  style=\"rounded,filled\";\n"
                         "  color=\"#cfd8dc\";\n"
                         "  fillcolor=\"#f5f7f8\";\n"
                         "  node [shape=box, style=\"rounded,filled\", fillcolor=white, "
                         "color=\"#455a64\", fontname=\"sans-serif\"];\n"
                         "  edge [color=\"#78909c\"];\n");
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++)
        write_phase(plan, phase, positions, stream);
    for (size_t i = 0; i < declared.n && stream_relieve(stream); i++)
        write_dependencies(plan, declared.ids[i], positions, stream);
    g_string_append(out, "}\n");
}

void
dag_report_plan_dot(const DagPlan *plan, GString *out)
{
    g_return_if_fail(plan && out);
    write_plan(plan, &(Stream){.text = out});
}

void
dag_report_plan_dot_to(const DagPlan *plan, const DagReportSink *sink)
{
    g_return_if_fail(plan && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    write_plan(plan, &stream);
}
