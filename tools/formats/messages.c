/* SPDX-License-Identifier: MIT */
/*
 * Messages of exports and imports.
 */
#include "formats/format.h"

#include <dagrun/error.h>
#include <dagrun/text.h>
#include <stdarg.h>

/* Return "FILE:LINE:COLUMN: SEVERITY: task "ID"" and the problem; free with g_free(). */
static char *
line_of(const Export *export, DagTaskId id, const char *severity, const char *problem)
{
    DagLocation location = dag_graph_task_location(export->graph, id);

    return g_strdup_printf("%s:%u:%u: %s: task \"%s\" %s",
                           location.file ? location.file : "graph", location.line,
                           location.column, severity,
                           dag_graph_task_name(export->graph, id), problem);
}

void
export_warn(const Export *export, DagTaskId id, const char *format, ...)
{
    g_autofree char *problem = NULL, *line = NULL;
    va_list args;

    va_start(args, format);
    problem = g_strdup_vprintf(format, args);
    va_end(args);
    line = line_of(export, id, "warning", problem);
    if (export->warn)
        export->warn(line, export->warn_data);
}

bool
export_refuse(const Export *export, DagTaskId id, GError **error, const char *format, ...)
{
    g_autofree char *problem = NULL, *line = NULL;
    va_list args;

    va_start(args, format);
    problem = g_strdup_vprintf(format, args);
    va_end(args);
    line = line_of(export, id, "error", problem);
    g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID, line);
    return false;
}

/* Return the message as one line that is valid UTF-8; free with g_free(). */
static char *clean_line(const ImportText *text, unsigned line, const char *severity,
                        const char *format, va_list args) G_GNUC_PRINTF(4, 0);

static char *
clean_line(const ImportText *text, unsigned line, const char *severity, const char *format,
           va_list args)
{
    g_autofree char *problem = g_strdup_vprintf(format, args);
    g_autofree char *valid = g_utf8_make_valid(problem, -1);
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%s:%u: %s: ", text->name, MAX(line, 1), severity);
    dag_text_append_clean(out, valid);
    return g_string_free(out, FALSE);
}

void
import_warn(const ImportText *text, unsigned line, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = clean_line(text, line, "warning", format, args);
    va_end(args);
    if (text->warn)
        text->warn(message, text->warn_data);
}

bool
import_refuse(const ImportText *text, unsigned line, GError **error, const char *format,
              ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = clean_line(text, line, "error", format, args);
    va_end(args);
    g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID, message);
    return false;
}

/* The largest cost of a task. */
#define MAX_COST 1e9

bool
import_cost(const ImportText *text, unsigned line, const char *word, double *cost_out,
            GError **error)
{
    char *end;
    double cost = g_ascii_strtod(word, &end);

    if (end > word && !*end && cost >= 0 && cost <= MAX_COST) {
        *cost_out = cost;
        return true;
    }
    return import_refuse(text, line, error,
                         "\"%s\" is not a number of seconds from 0 to 1000000000", word);
}
