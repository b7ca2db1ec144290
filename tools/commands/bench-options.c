/* SPDX-License-Identifier: MIT */
#include "commands/bench-options.h"

#include "commands/command.h"

#include <dagrun/execute.h>
#include <string.h>

#define MAX_WORKERS 10000 /* as of -j of dagrun run */
#define MAX_COUNTS  256   /* numbers of workers: more than a table that is read */

static gint
compare_counts(gconstpointer a, gconstpointer b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return x < y ? -1 : x > y;
}

/* Parse "4" or "1-16" and append the numbers.  Returns: false if it is neither. */
static bool
add_range(GArray *workers, const char *word)
{
    g_auto(GStrv) ends = g_strsplit(word, "-", 2);
    guint64 first, last;

    if (!ends[0] || !g_ascii_string_to_unsigned(ends[0], 10, 1, MAX_WORKERS, &first, NULL))
        return false;
    last = first;
    if (ends[1] &&
        !g_ascii_string_to_unsigned(ends[1], 10, first, MAX_WORKERS, &last, NULL))
        return false;
    for (guint64 n = first; n <= last && workers->len <= MAX_COUNTS; n++) {
        unsigned count = (unsigned)n;

        g_array_append_val(workers, count);
    }
    return true;
}

static void
remove_duplicates(GArray *workers)
{
    g_array_sort(workers, compare_counts);
    for (guint i = workers->len; i-- > 1;)
        if (g_array_index(workers, unsigned, i) == g_array_index(workers, unsigned, i - 1))
            g_array_remove_index(workers, i);
}

/* Add the powers of two up to the cores, and at least to 8. */
static void
add_default_counts(GArray *workers)
{
    unsigned n_cores = dag_default_workers();

    for (unsigned n = 1; n <= MAX(n_cores, 8); n *= 2)
        g_array_append_val(workers, n);
}

/* Returns: false if a word is no number and no range. */
static bool
add_counts(GArray *workers, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    for (char **word = words; *word; word++)
        if (!add_range(workers, *word))
            return false;
    return workers->len > 0;
}

/* Returns: false after an error message. */
static bool
read_workers(BenchOptions *options)
{
    options->workers = g_array_new(FALSE, FALSE, sizeof(unsigned));
    if (!options->jobs)
        add_default_counts(options->workers);
    else if (!add_counts(options->workers, options->jobs)) {
        complain("-j takes numbers of workers from 1 to %d, such as 4 or 1,2,4 or 1-16, "
                 "not \"%s\"",
                 MAX_WORKERS, options->jobs);
        return false;
    }
    remove_duplicates(options->workers);
    if (options->workers->len > MAX_COUNTS)
        complain("-j takes up to %d numbers of workers, not \"%s\"", MAX_COUNTS,
                 options->jobs);
    return options->workers->len <= MAX_COUNTS;
}

/* Print that there is no such strategy. */
static void
complain_of_strategy(const char *word)
{
    const char *names[64] = {NULL};
    const DagStrategy *const *all = dag_strategies();

    for (size_t i = 0; all[i] && i + 1 < G_N_ELEMENTS(names); i++)
        names[i] = all[i]->name;
    complain_of_word("strategy", word, names);
}

/* Returns: false after an error message. */
static bool
read_strategies(BenchOptions *options)
{
    g_auto(GStrv) words =
        options->strategy_names ? g_strsplit(options->strategy_names, ",", -1) : NULL;

    if (!words)
        return true;
    options->strategies = g_ptr_array_new();
    for (char **word = words; *word; word++) {
        const DagStrategy *strategy = dag_strategy_find(g_strstrip(*word));

        if (!strategy) {
            complain_of_strategy(*word);
            return false;
        }
        if (!g_ptr_array_find(options->strategies, strategy, NULL))
            g_ptr_array_add(options->strategies, (gpointer)strategy);
    }
    if (options->strategies->len == 0)
        complain("--strategies takes names of strategies, separated by commas");
    return options->strategies->len > 0;
}

/* Returns: false after an error message. */
static bool
read_values(BenchOptions *options)
{
    if (options->seed_text &&
        !g_ascii_string_to_unsigned(options->seed_text, 10, 0, G_MAXUINT64, &options->seed,
                                    NULL)) {
        complain("--seed takes a whole number, not \"%s\"", options->seed_text);
        return false;
    }
    return read_workers(options) && read_strategies(options);
}

bool
bench_options_parse(BenchOptions *options, char **argv, int *status_out)
{
    const GOptionEntry entries[] = {
        {"jobs", 'j', 0, G_OPTION_ARG_FILENAME, &options->jobs,
         "Numbers of workers, such as 1,2,4 or 1-16 (default: 1, 2, 4, 8 and on to the "
         "cores)",
         "LIST"},
        {"strategies", 0, 0, G_OPTION_ARG_FILENAME, &options->strategy_names,
         "The strategies to compare, separated by commas (default: all)", "LIST"},
        {"seed", 0, 0, G_OPTION_ARG_FILENAME, &options->seed_text,
         "For the strategy random: the same seed gives the same order", "N"},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options->color,
         "Colour: auto (default), always or never", "WHEN"},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "GRAPH.xml [TASK…]",
        .summary =
            "Compares strategies with several numbers of workers, and recommends one.  The "
            "run\nis simulated with the costs of the tasks; nothing is run.",
        .entries = entries,
        .graph = &options->graph,
    };

    if (!options_parse(&line, argv, status_out))
        return false;
    *status_out = EXIT_USAGE;
    return read_values(options);
}

void
bench_options_clear(BenchOptions *options)
{
    graph_options_clear(&options->graph);
    g_free(options->jobs);
    g_free(options->strategy_names);
    g_free(options->seed_text);
    g_free(options->color);
    g_clear_pointer(&options->workers, g_array_unref);
    g_clear_pointer(&options->strategies, g_ptr_array_unref);
}
