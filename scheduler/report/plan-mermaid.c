/* SPDX-License-Identifier: MIT */
/*
 * The plan for Mermaid.  Nodes are called n0, n1, … in order of declaration, since some names of
 * tasks are not valid names of nodes ("end" is a keyword).  Links are referred to by number, from
 * 0 in the order in which they are written.
 */
#include "report/measures.h"
#include "report/stream.h"

#include <dagrun/report.h>
#include <string.h>

#define CRITICAL "stroke:#c62828,stroke-width:3px"

/* Append a quoted label; characters special to Mermaid or HTML become entities. */
static void
append_label(Stream *stream, const char *text)
{
    static const char special[] = "\"#&<>`\\";
    g_autofree char *valid = NULL;
    GString *out = stream->text;

    if (dag__stream_quote(stream, text, special))
        return;
    valid = g_utf8_make_valid(text, -1);
    g_string_append_c(out, '"');
    for (const char *p = valid; *p; p++) {
        if (*p == '\n')
            g_string_append(out, "<br/>");
        else if (strchr(special, *p))
            g_string_append_printf(out, "#%d;", *p);
        else
            g_string_append_c(out, g_ascii_iscntrl(*p) ? ' ' : *p);
    }
    g_string_append_c(out, '"');
}

/* Append a prefix and the number of a node. */
static void
append_node(GString *out, const char *prefix, size_t number)
{
    char digits[MAX_DIGITS];
    char *end = dag__put_digits(digits, number, 1);

    g_string_append(out, prefix);
    g_string_append_len(out, digits, end - digits);
}

static void
write_phase(const DagPlan *plan, uint32_t phase, Stream *stream)
{
    GString *out = stream->text;
    const DagGraph *graph = dag_plan_graph(plan);
    DagIds tasks = dag_plan_phase_tasks(plan, phase);
    const char *title = dag_plan_phase_title(plan, phase);
    g_autofree char *label = title ? g_strdup_printf("%u %s", phase + 1, title)
                                   : g_strdup_printf("%u", phase + 1);

    g_string_append_printf(out, "  subgraph p%u[", phase + 1);
    append_label(stream, label);
    g_string_append(out, "]\n");
    for (size_t i = 0; i < tasks.n && stream_relieve(stream); i++) {
        append_node(out, "    n", dag_graph_position(graph, tasks.ids[i]));
        g_string_append_c(out, '[');
        append_label(stream, dag_graph_task_title(graph, tasks.ids[i]));
        g_string_append(out, "]\n");
    }
    g_string_append(out, "  end\n");
}

/* Append `number` to a list separated by commas. */
static void
append_number(GString *list, const char *prefix, size_t number)
{
    g_string_append_printf(list, "%s%s%zu", list->len > 0 ? "," : "", prefix, number);
}

/* Write all links; append the numbers of those on the critical path to `critical`. */
static void
write_links(const DagPlan *plan, GString *critical, Stream *stream)
{
    const DagGraph *graph = dag_plan_graph(plan);
    DagIds declared = dag_graph_declared(graph);
    g_autofree uint32_t *positions = dag__critical_positions(plan);
    size_t n_links = 0;

    for (size_t i = 0; i < declared.n; i++) {
        DagIds preds = dag_graph_predecessors(graph, declared.ids[i]);

        for (size_t p = 0; p < preds.n && stream_relieve(stream); p++) {
            if (dag__is_critical_step(positions, preds.ids[p], declared.ids[i]))
                append_number(critical, "", n_links);
            append_node(stream->text, "  n", dag_graph_position(graph, preds.ids[p]));
            append_node(stream->text, " --> n", i);
            g_string_append_c(stream->text, '\n');
            n_links++;
        }
    }
}

static void
write_plan(const DagPlan *plan, Stream *stream)
{
    GString *out = stream->text;
    DagIds path = dag_plan_critical_path(plan);
    g_autoptr(GString) nodes = g_string_new(NULL);
    g_autoptr(GString) links = g_string_new(NULL);

    g_string_append(out, "flowchart LR\n");
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++)
        write_phase(plan, phase, stream);
    write_links(plan, links, stream);
    for (size_t i = 0; i < path.n; i++)
        append_number(nodes, "n", dag_graph_position(dag_plan_graph(plan), path.ids[i]));
    if (nodes->len > 0)
        g_string_append_printf(
            out, "  classDef critical " CRITICAL "\n  class %s critical\n", nodes->str);
    if (links->len > 0)
        g_string_append_printf(out, "  linkStyle %s " CRITICAL "\n", links->str);
}

void
dag_report_plan_mermaid(const DagPlan *plan, GString *out)
{
    g_return_if_fail(plan && out);
    write_plan(plan, &(Stream){.text = out});
}

void
dag_report_plan_mermaid_to(const DagPlan *plan, const DagReportSink *sink)
{
    g_return_if_fail(plan && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    write_plan(plan, &stream);
}
