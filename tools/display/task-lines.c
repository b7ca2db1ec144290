/* SPDX-License-Identifier: MIT */
/*
 * The text of a task has whole lines of one stream, so one unfinished line per task is enough.
 */
#include "display/task-lines.h"

#include "display/output.h"
#include "display/task-text.h"

#include <dagrun/dagrun.h>
#include <stdio.h>
#include <string.h>

#define MAX_LINE 65536 /* a longer line is printed in pieces */

/* The unfinished line of a task. */
typedef struct OpenLine {
    GString *text;
    DagStream stream;
} OpenLine;

static void
open_line_free(gpointer data)
{
    OpenLine *line = data;

    g_string_free(line->text, TRUE);
    g_free(line);
}

void
task_lines_clear(TaskLines *lines)
{
    g_clear_pointer(&lines->open, g_hash_table_unref);
}

static OpenLine *
open_line_of(TaskLines *lines, DagTaskId task)
{
    gpointer key = GUINT_TO_POINTER(task + 1);
    OpenLine *line;

    if (!lines->open)
        lines->open = g_hash_table_new_full(NULL, NULL, NULL, open_line_free);
    line = g_hash_table_lookup(lines->open, key);
    if (!line) {
        line = g_new(OpenLine, 1);
        line->text = g_string_new(NULL);
        g_hash_table_insert(lines->open, key, line);
    }
    return line;
}

/* Append the line as it is shown, with its newline. */
static void
append_line(const OpenLine *line, bool is_filtered, bool has_color, GString *out)
{
    g_autoptr(GString) fit = g_string_new(NULL);
    TaskText text = {.keeps_color = has_color};

    if (is_filtered) {
        task_text_push(&text, line->text->str, line->text->len, fit);
        g_string_truncate(fit, fit->len - (fit->len > 0 && fit->str[fit->len - 1] == '\r'));
        task_text_append_final(fit->str, fit->len, out);
        task_text_end(&text, out);
    } else {
        g_string_append_len(out, line->text->str, (gssize)line->text->len);
    }
    g_string_append_c(out, '\n');
}

/* Print the line and empty it. */
static void
print_line(const TaskOutput *output, const DagEvent *event, OpenLine *line)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(event->run));
    bool is_error = line->stream == DAG_STREAM_ERRORS;
    bool to_stderr = output->to_stderr || (is_error && output->are_separate);
    bool has_color = to_stderr ? output->color : output->output_has_color;
    g_autoptr(GString) out = g_string_new(NULL);

    if (is_error || task_output_is_printed(output, event)) {
        g_string_append_printf(out, "%s%s |%s ", has_color ? DAG_ANSI_DIM : "",
                               dag_graph_task_name(graph, event->task),
                               has_color ? DAG_ANSI_RESET : "");
        append_line(line, to_stderr || output->output_is_filtered, has_color, out);
        if (to_stderr)
            diagnose_data(out->str, out->len);
        else
            output_write_data(out->str, out->len);
    }
    g_string_truncate(line->text, 0);
}

void
task_lines_push(TaskLines *lines, const TaskOutput *output, const DagEvent *event)
{
    OpenLine *line = open_line_of(lines, event->task);
    const char *at = event->text, *end = at + event->text_size, *newline;

    if (line->text->len > 0 && line->stream != event->stream)
        print_line(output, event, line);
    line->stream = event->stream;
    output_flush_diagnostics();
    for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
        g_string_append_len(line->text, at, newline - at);
        print_line(output, event, line);
    }
    g_string_append_len(line->text, at, end - at);
    if (line->text->len > MAX_LINE)
        print_line(output, event, line);
    output_flush();
}

void
task_lines_end(TaskLines *lines, const TaskOutput *output, const DagEvent *event)
{
    OpenLine *line =
        lines->open ? g_hash_table_lookup(lines->open, GUINT_TO_POINTER(event->task + 1))
                    : NULL;

    if (!line)
        return;
    output_flush_diagnostics();
    if (line->text->len > 0)
        print_line(output, event, line);
    g_hash_table_remove(lines->open, GUINT_TO_POINTER(event->task + 1));
    output_flush();
}
