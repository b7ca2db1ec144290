/* SPDX-License-Identifier: MIT */
/*
 * dagrun history: the runs in the store, newest first.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "commands/store-options.h"
#include "commands/stored.h"
#include "display/output.h"
#include "display/terminal.h"

#include <stdio.h>
#include <string.h>

/* Runs that are shown unless --limit is given: they fit on a screen. */
#define DEFAULT_LIMIT 20

typedef struct HistoryOptions {
    StoreOptions store;
    char *limit_text;
    char *color;
    char *keep_text;
    gboolean json;
    gboolean prune;
    gboolean trend;
    guint64 limit;
    guint64 keep; /* runs of a graph that stay */
} HistoryOptions;

static void
history_options_clear(HistoryOptions *options)
{
    store_options_clear(&options->store);
    g_free(options->limit_text);
    g_free(options->keep_text);
    g_free(options->color);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HistoryOptions, history_options_clear)

/* Read a number of runs, at least 1.  Returns: false after an error message. */
static bool
read_number(const char *option, const char *text, guint64 *number_out)
{
    if (!text || g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, number_out, NULL))
        return true;
    complain("%s takes a number of runs from 1, not \"%s\"", option, text);
    return false;
}

/* Returns: false after an error message. */
static bool
read_values(HistoryOptions *options)
{
    options->limit = DEFAULT_LIMIT;
    options->keep = DAG_STORE_MOST_RUNS;
    if (!read_number("--limit", options->limit_text, &options->limit) ||
        !read_number("--keep", options->keep_text, &options->keep))
        return false;
    if (options->keep_text && !options->prune)
        complain("--keep is for --prune");
    else if (options->prune && (options->json || options->limit_text))
        complain("--prune prints no runs; it has no --json and no --limit");
    else if (options->trend && (options->json || options->prune))
        complain("--trend is a table of tasks; it has no --json and no --prune");
    else
        return true;
    return false;
}

/* Remove old runs, and print how many. */
static int
prune(DagStore *store, const char *graph, const HistoryOptions *options)
{
    g_autofree char *path = graph ? store_graph_path(graph) : NULL;
    g_autofree char *size = NULL, *text = NULL;
    GError *error = NULL;
    DagStorePruned pruned;

    if (!dag_store_prune(store, path, (uint32_t)options->keep, &pruned, &error))
        return complain_of(error);
    size = g_format_size((guint64)dag_store_size(store));
    text = g_strdup_printf("%" G_GINT64_FORMAT " run%s removed; the store takes %s\n",
                           pruned.n_runs, pruned.n_runs == 1 ? "" : "s", size);
    output_write(text, strlen(text));
    if (!pruned.is_compacted)
        complain("a run goes on, so the file of the store did not get smaller; prune again "
                 "after its end");
    return EXIT_GOOD;
}

/* Print the durations of tasks in the first `n` runs, which are the newest. */
static int
print_trend(DagStore *store, const GPtrArray *runs, size_t n, DagTextStyle style)
{
    g_autoptr(GPtrArray) tasks =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    DagReportSink sink = output_sink();

    while (n-- > 0) {
        const DagStoredRun *run = g_ptr_array_index(runs, n);
        GError *error = NULL;
        GPtrArray *of_run = dag_store_tasks(store, run->id, &error);

        if (!of_run)
            return complain_of(error);
        g_ptr_array_add(tasks, of_run);
    }
    dag_report_trend_to(tasks, style, &sink);
    return EXIT_GOOD;
}

static int
print_history(DagStore *store, const char *graph, const HistoryOptions *options,
              DagTextStyle style)
{
    g_autofree char *path = graph ? store_graph_path(graph) : NULL;
    GError *error = NULL;
    g_autoptr(GPtrArray) runs = dag_store_runs(store, path, &error);
    DagReportSink sink = output_sink();
    size_t n;

    if (!runs)
        return complain_of(error);
    if (graph && runs->len == 0) {
        stored_complain_of_graph(store, graph, path);
        return EXIT_USAGE;
    }
    n = MIN(runs->len, options->limit);
    if (options->trend)
        return print_trend(store, runs, n, style);
    if (options->json)
        dag_report_history_json_to(runs, n, &sink);
    else
        dag_report_history_to(runs, n, !graph, style, &sink);
    return EXIT_GOOD;
}

int
cmd_history(char **argv)
{
    g_auto(HistoryOptions) options = {0};
    g_autoptr(GArray) entries = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));
    const GOptionEntry own[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "As JSON", NULL},
        {"limit", 0, 0, G_OPTION_ARG_FILENAME, &options.limit_text,
         "Show the newest N runs (default: 20)", "N"},
        {"trend", 0, 0, G_OPTION_ARG_NONE, &options.trend,
         "Show how long each task of the graph took in these runs", NULL},
        {"prune", 0, 0, G_OPTION_ARG_NONE, &options.prune,
         "Remove old runs, of all graphs or of one, instead of listing", NULL},
        {"keep", 0, 0, G_OPTION_ARG_FILENAME, &options.keep_text,
         "With --prune: keep the newest N runs of each graph (default: 100)", "N"},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options.color,
         "Colour: auto (default), always or never", "WHEN"},
    };
    DagTextStyle style = {0};
    int status;

    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    store_options_add(&options.store, entries);

    const CommandLine line = {
        .usage = "[GRAPH.xml]",
        .summary = "Lists the runs that are stored, of all graphs or of one, newest first: "
                   "how long each took,\nagainst the median of the successes before it, "
                   "and what failed.",
        .entries = (const GOptionEntry *)(void *)entries->data,
    };
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (words[0] && words[1]) {
        complain("history takes one graph, not also \"%s\"", words[1]);
        return EXIT_USAGE;
    }
    if (options.trend && !words[0]) {
        complain("--trend is for one graph: dagrun history --trend GRAPH.xml");
        return EXIT_USAGE;
    }
    if (!read_values(&options) || !terminal_style(options.color, stdout, &style))
        return EXIT_USAGE;

    g_autoptr(DagStore) store = store_options_open(&options.store, &status);

    if (!store)
        return status;
    return options.prune ? prune(store, words[0], &options)
                         : print_history(store, words[0], &options, style);
}
