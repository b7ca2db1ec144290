/* SPDX-License-Identifier: MIT */
/*
 * dagrun diff: two graphs, or two runs in the store, beside each other.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "commands/stored.h"
#include "display/output.h"
#include "display/terminal.h"

#include <stdio.h>
#include <string.h>

/* Return whether the word names a run, not a file. */
static bool
is_run(const char *word)
{
    guint64 number;

    return strcmp(word, "last") == 0 ||
           g_ascii_string_to_unsigned(word, 10, 1, G_MAXINT64, &number, NULL);
}

/* Load and plan a graph by itself.  Returns: NULL after an error message; else *graph_out is set, too. */
static DagPlan *
plan_file(GraphOptions *options, const char *path, DagGraph **graph_out, int *status_out)
{
    g_strfreev(options->words);
    options->words = g_new0(char *, 2);
    options->words[0] = g_strdup(path);
    *graph_out = options_load(options, LOAD_TO_PLAN, status_out);
    if (!*graph_out)
        return NULL;
    *status_out = EXIT_USAGE;
    return options_plan(options, *graph_out);
}

static int
print_difference(const GString *text, bool is_different)
{
    if (!is_different)
        return EXIT_GOOD;
    output_write(text->str, text->len);
    return EXIT_TASK;
}

static int
compare_graphs(GraphOptions *options, const char *before, const char *after,
               DagTextStyle style)
{
    g_autoptr(DagGraph) left = NULL, right = NULL;
    g_autoptr(DagPlan) then = NULL, now = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    int status;

    then = plan_file(options, before, &left, &status);
    if (!then)
        return status;
    now = plan_file(options, after, &right, &status);
    if (!now)
        return status;
    return print_difference(text, dag_report_graph_difference(then, now, style, text));
}

static int
compare_runs(const GraphOptions *options, const char *before, const char *after,
             DagTextStyle style)
{
    g_autoptr(DagStore) store = NULL;
    g_autoptr(DagStoredRun) left = NULL, right = NULL;
    g_autoptr(GPtrArray) then = NULL, now = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    GError *error = NULL;
    bool is_different;
    int status;

    store = store_options_open(&options->store, &status);
    if (!store)
        return status;
    left = stored_find_run(store, before, &status);
    right = left ? stored_find_run(store, after, &status) : NULL;
    if (!right)
        return status;
    then = dag_store_tasks(store, left->id, &error);
    now = then ? dag_store_tasks(store, right->id, &error) : NULL;
    if (!now)
        return complain_of(error);
    is_different = dag_report_run_difference(&(DagRunWithTasks){left, then},
                                             &(DagRunWithTasks){right, now}, style, text);
    output_write(text->str, text->len);
    return is_different ? EXIT_TASK : EXIT_GOOD;
}

int
cmd_diff(char **argv)
{
    g_auto(GraphOptions) common = {.hides_warnings = true, .are_declared = true};
    g_autofree char *color = NULL;
    const GOptionEntry entries[] = {
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &color,
         "Colour: auto (default), always or never", "WHEN"},
        STORE_OPTION(&common.store),
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "GRAPH.xml GRAPH.xml\n  dagrun diff RUN RUN",
        .summary =
            "Compares two graphs: tasks added, removed and changed, phases, critical "
            "path; or two runs\nthat are stored: outcomes, and which durations made "
            "the difference.  Exits with 1 if they differ,\nin more than durations.",
        .entries = entries,
        .allow_include = &common.allow_include,
    };
    DagTextStyle style = {0};
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (g_strv_length(words) != 2) {
        complain("diff takes two graphs, or two runs; see dagrun diff --help");
        return EXIT_USAGE;
    }
    if (!terminal_style(color, stdout, &style))
        return EXIT_USAGE;
    if (is_run(words[0]) != is_run(words[1])) {
        complain("diff compares two graphs, or two runs, but not one with the other");
        return EXIT_USAGE;
    }
    return is_run(words[0]) ? compare_runs(&common, words[0], words[1], style)
                            : compare_graphs(&common, words[0], words[1], style);
}
