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

/* Runs that are shown unless --limit is given: they fit on a screen. */
#define DEFAULT_LIMIT 20

typedef struct HistoryOptions {
    StoreOptions store;
    char *limit_text;
    char *color;
    gboolean json;
    guint64 limit;
} HistoryOptions;

static void
history_options_clear(HistoryOptions *options)
{
    store_options_clear(&options->store);
    g_free(options->limit_text);
    g_free(options->color);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HistoryOptions, history_options_clear)

static bool
read_limit(HistoryOptions *options)
{
    options->limit = DEFAULT_LIMIT;
    if (!options->limit_text ||
        g_ascii_string_to_unsigned(options->limit_text, 10, 1, G_MAXUINT32, &options->limit,
                                   NULL))
        return true;
    complain("--limit takes a number of runs from 1, not \"%s\"", options->limit_text);
    return false;
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
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options.color,
         "Colour: auto (default), always or never", "WHEN"},
    };
    DagTextStyle style = {0};
    int status;

    g_array_append_vals(entries, own, G_N_ELEMENTS(own));
    store_options_add(&options.store, false, entries);

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
    if (!read_limit(&options) || !terminal_style(options.color, stdout, &style))
        return EXIT_USAGE;

    g_autoptr(DagStore) store = store_options_open(&options.store, &status);

    return store ? print_history(store, words[0], &options, style) : status;
}
