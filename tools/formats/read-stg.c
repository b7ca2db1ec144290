/* SPDX-License-Identifier: MIT */
/*
 * The format of the Standard Task Graph Set: the number of tasks, then a row for each, "number time
 * n_predecessors predecessor…", from 0; the first and the last row are dummies without time, which are
 * left out.  Comments follow.  Those that dagrun writes hold the unit of time and the names.
 */
#include "formats/writers.h"

#include <string.h>

/* The largest number of tasks. */
#define MAX_TASKS 10000000

typedef struct Scanner {
    const ImportText *text;
    const char *at;
    unsigned line; /* of `at` */
} Scanner;

/* Set *word_out to the next word before the comments.  Returns: its length; 0: there is none. */
static size_t
next_word(Scanner *scanner, const char **word_out)
{
    size_t length;

    for (; *scanner->at && strchr(" \t\r\n", *scanner->at); scanner->at++)
        scanner->line += *scanner->at == '\n';
    *word_out = scanner->at;
    length = *scanner->at == '#' ? 0 : strcspn(scanner->at, " \t\r\n");
    scanner->at += length;
    return length;
}

/* Read a whole number up to `max`; `noun` names it in messages. */
static bool
read_number(Scanner *scanner, const char *noun, uint64_t max, uint64_t *number_out,
            GError **error)
{
    const char *at;
    size_t length = next_word(scanner, &at);
    g_autofree char *word = g_strndup(at, length);

    if (length == 0)
        return import_refuse(scanner->text, scanner->line, error,
                             "the file ends where %s should be", noun);
    if (!g_ascii_string_to_unsigned(word, 10, 0, max, number_out, NULL))
        return import_refuse(scanner->text, scanner->line, error,
                             "%s should be here, a whole number up to %" G_GUINT64_FORMAT
                             ", not \"%s\"",
                             noun, max, word);
    return true;
}

/* Read the row of the task with this number. */
static bool
read_row(Scanner *scanner, ImportedGraph *graph, uint32_t task, GError **error)
{
    uint64_t number = 0, n_needs = 0, need = 0;
    const char *word;
    double cost;
    uint32_t n = graph->tasks->len;

    if (!read_number(scanner, "the number of a task", UINT32_MAX, &number, error))
        return false;
    if (number != task)
        return import_refuse(
            scanner->text, scanner->line, error,
            "the row of task %u should be here, not that of %" G_GUINT64_FORMAT, task,
            number);
    imported_graph_at(graph, task)->line = scanner->line;

    size_t length = next_word(scanner, &word);
    g_autofree char *time = g_strndup(word, length);

    if (!import_cost(scanner->text, scanner->line, time, &cost, error) ||
        !read_number(scanner, "the number of predecessors", n, &n_needs, error))
        return false;
    imported_graph_at(graph, task)->cost = cost;
    for (uint64_t i = 0; i < n_needs; i++) {
        if (!read_number(scanner, "a predecessor", n - 1, &need, error))
            return false;
        imported_graph_need(graph, task, (uint32_t)need);
    }
    return true;
}

/* Leave out a dummy: a task without time. */
static void
remove_dummy(ImportedGraph *graph, uint32_t task)
{
    ImportedTask *dummy = imported_graph_at(graph, task);

    dummy->is_removed = dummy->cost == 0;
}

/* Read the comment "# Task 3 : name". */
static void
read_name(ImportedGraph *graph, const char *line)
{
    char *end;
    guint64 number = g_ascii_strtoull(line, &end, 10);

    if (end == line || strncmp(end, " : ", 3) != 0 || number == 0 ||
        number >= graph->tasks->len || !end[3])
        return;

    ImportedTask *task = imported_graph_at(graph, (uint32_t)number);

    g_free(task->name);
    task->name = g_strdup(end + 3);
}

/* Read the comments from `at` on. */
static void
read_comments(ImportedGraph *graph, const char *at)
{
    g_auto(GStrv) lines = g_strsplit(at, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_strchomp(*line);
        if (g_str_has_prefix(*line, "# Task "))
            read_name(graph, *line + strlen("# Task "));
        if (!g_str_has_prefix(*line, "# Unit of time : "))
            continue;

        double unit = g_ascii_strtod(*line + strlen("# Unit of time : "), NULL);

        for (uint32_t t = 0; (unit == 0.001 || unit == 0.000001) && t < graph->tasks->len;
             t++)
            imported_graph_at(graph, t)->cost /= unit == 0.001 ? 1e3 : 1e6;
    }
}

/* Add the tasks with their names: those of a file that has only numbers are t0, t1, … */
static void
add_tasks(ImportedGraph *graph, uint32_t n)
{
    for (uint32_t t = 0; t < n; t++) {
        char name[16];

        g_snprintf(name, sizeof name, "t%u", t);
        imported_graph_task(graph, name);
    }
}

ImportedGraph *
read_stg(const ImportText *text, GError **error)
{
    g_autoptr(ImportedGraph) graph = imported_graph_new();
    Scanner scanner = {text, text->bytes, 1};
    uint64_t n;
    const char *rest;

    if (!read_number(&scanner, "the number of tasks", MAX_TASKS, &n, error))
        return NULL;
    if (n * 2 > text->size) {
        import_refuse(text, 1, error,
                      "the file is too short for %" G_GUINT64_FORMAT " tasks", n);
        return NULL;
    }
    add_tasks(graph, (uint32_t)n + 2);
    for (uint32_t task = 0; task < n + 2; task++)
        if (!read_row(&scanner, graph, task, error))
            return NULL;
    if (next_word(&scanner, &rest) > 0) {
        import_refuse(text, scanner.line, error,
                      "after %" G_GUINT64_FORMAT " tasks and two dummies there should be "
                      "nothing but comments",
                      n);
        return NULL;
    }
    remove_dummy(graph, 0);
    remove_dummy(graph, (uint32_t)n + 1);
    read_comments(graph, scanner.at);
    return g_steal_pointer(&graph);
}

bool
recognizes_stg(const ImportText *text)
{
    return g_str_has_suffix(text->name, ".stg");
}
