/* SPDX-License-Identifier: MIT */
/*
 * Files of other programs: each reader gives a graph that dagrun loads, or an error with its line.
 */
#include "formats/format.h"
#include "fuzz.h"
#include "memory-file.h"

#include <dagrun/error.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>
#include <string.h>

/* A name without a directory, beside which there are no other files. */
#define NAME "fuzzed"

static void
check_line(const char *line, const char *severity)
{
    g_autofree char *pattern = g_strdup_printf("^" NAME ":[1-9][0-9]*: %s: .", severity);

    g_assert_true(g_utf8_validate(line, -1, NULL));
    g_assert_null(strchr(line, '\n'));
    g_assert_true(g_regex_match_simple(pattern, line, 0, 0));
}

static void
check_warning(const char *line, void *data)
{
    (void)data;
    check_line(line, "warning");
}

static bool
append(const char *bytes, size_t size, void *text)
{
    g_string_append_len(text, bytes, (gssize)size);
    return true;
}

/* Return the number of tasks that are not removed. */
static size_t
n_tasks(const ImportedGraph *graph)
{
    size_t n = 0;

    for (uint32_t t = 0; t < graph->tasks->len; t++)
        n += !imported_graph_at(graph, t)->is_removed;
    return n;
}

static void
check_graph(const ImportedGraph *imported, ImportedWork work)
{
    g_autoptr(GString) xml = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = NULL;
    MemoryFile file;

    imported_graph_write(imported, work, &(DagReportSink){append, xml});
    file = memory_file_open(xml->str, xml->len);
    graph = dag_load_file(file.path, &(DagLoadOptions){.kinds = dag_tasks_kinds()}, &error);
    memory_file_close(&file);
    g_assert_no_error(error);
    g_assert_cmpuint(dag_graph_n_tasks(graph), ==, n_tasks(imported));
}

static void
check_format(const Format *format, const ImportText *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ImportedGraph) graph = format->read(text, &error);

    g_assert_true((graph != NULL) == (error == NULL));
    if (graph && imported_graph_check(graph, text, &error)) {
        check_graph(graph, IMPORTED_NOOP);
        check_graph(graph, IMPORTED_SLEEP);
        return;
    }
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    check_line(error->message, "error");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Readers get a NUL after the text. */
    g_autofree char *bytes = g_strndup("", size);

    if (size > 0)
        memcpy(bytes, data, size);

    const ImportText text = {NAME, bytes, size, check_warning, NULL};

    for (const Format *const *format = formats; *format; format++)
        if ((*format)->read) {
            (*format)->recognizes(&text);
            check_format(*format, &text);
        }
    return 0;
}
