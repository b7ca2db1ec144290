/* SPDX-License-Identifier: MIT */
#include "commands/bench-options.h"

#include "commands/command.h"

#include <dagrun/execute.h>
#include <string.h>

#define MAX_WORKERS     10000 /* as of -j of dagrun run */
#define DEFAULT_SIGMA   0.3
#define DEFAULT_SAMPLES 30
#define DEFAULT_REPEATS 3
#define MAX_COUNTS      256 /* numbers of workers: more than a table that is read */

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

/* Take all strategies but those for unlike workers that order like ones as others do. */
static void
take_default_strategies(BenchOptions *options)
{
    options->strategies = g_ptr_array_new();
    for (const DagStrategy *const *s = dag_strategies(); *s; s++)
        if (!(*s)->place || (*s)->solve)
            g_ptr_array_add(options->strategies, (gpointer)*s);
}

/* Returns: false after an error message. */
static bool
read_strategies(BenchOptions *options)
{
    g_auto(GStrv) words =
        options->strategy_names ? g_strsplit(options->strategy_names, ",", -1) : NULL;

    if (!words) {
        take_default_strategies(options);
        return true;
    }
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

/* Parse the value of an option as a whole number.  `text` may be NULL.
 * Returns: false after an error message. */
static bool
read_count(const char *option, const char *text, guint64 least, guint64 most,
           guint64 *count_out)
{
    if (!text || g_ascii_string_to_unsigned(text, 10, least, most, count_out, NULL))
        return true;
    if (most == G_MAXUINT64)
        complain("%s takes a whole number, not \"%s\"", option, text);
    else
        complain("%s takes a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                 ", not \"%s\"",
                 option, least, most, text);
    return false;
}

/* The same for a number from 0 to `most`. */
static bool
read_number(const char *option, const char *text, double most, double *number_out)
{
    char *end = NULL;
    double number = text ? g_ascii_strtod(text, &end) : 0;

    if (!text)
        return true;
    *number_out = number;
    if (end != text && !*end && number >= 0 && number <= most)
        return true;
    complain("%s takes a number from 0 to %g, not \"%s\"", option, most, text);
    return false;
}

/* Returns: false after an error message. */
static bool
read_chance(BenchOptions *options)
{
    guint64 n_samples = DEFAULT_SAMPLES;

    options->sigma = DEFAULT_SIGMA;
    if (!read_number("--noise", options->noise_text, 3, &options->sigma) ||
        !read_number("--fail", options->fail_text, 1, &options->fail) ||
        !read_count("--samples", options->samples_text, 1, 10000, &n_samples))
        return false;
    options->n_samples =
        options->sigma == 0 && options->fail == 0 ? 0 : (unsigned)n_samples;
    options->wants_samples =
        options->noise_text || options->fail_text || options->samples_text;
    return true;
}

/* Returns: false after an error message. */
static bool
read_pictures(BenchOptions *options)
{
    if (g_strcmp0(options->svg, "-") == 0 || g_strcmp0(options->gantt, "-") == 0) {
        complain("--svg and --gantt take a file");
        return false;
    }
    if (options->gantt_strategy_name && !options->gantt) {
        complain("--strategy is for --gantt; --strategies names those that are compared");
        return false;
    }
    if (options->gantt && options->real) {
        complain("--gantt draws a simulated schedule, and cannot be combined with --real");
        return false;
    }
    return options_find_strategy(options->gantt_strategy_name, &options->gantt_strategy);
}

/* Returns: false after an error message. */
static bool
read_values(BenchOptions *options)
{
    guint64 retries = 0, n_repeats = DEFAULT_REPEATS;

    if (options->json && options->csv) {
        complain("only one of --json and --csv can be given");
        return false;
    }
    if (options->repeat_text && !options->real) {
        complain("--repeat is for --real");
        return false;
    }
    if (!options_read_budget(options->budget_text, &options->budget_ns) ||
        !read_count("--seed", options->seed_text, 0, G_MAXUINT64, &options->seed) ||
        !read_count("--retries", options->retries_text, 0, 1000, &retries) ||
        !read_count("--repeat", options->repeat_text, 1, 1000, &n_repeats))
        return false;
    options->retries = (unsigned)retries;
    options->n_repeats = (unsigned)n_repeats;
    return options_read_connections(options->connections, &options->n_connections) &&
           read_workers(options) && read_strategies(options) && read_chance(options) &&
           read_pictures(options);
}

bool
bench_options_parse(BenchOptions *options, char **argv, int *status_out)
{
    const GOptionEntry entries[] = {
        {"jobs", 'j', 0, G_OPTION_ARG_FILENAME, &options->jobs,
         "Numbers of workers, such as 1,2,4 or 1-16 (default: 1, 2, 4, 8 and on to the "
         "cores)",
         "LIST"},
        {"connections", 0, 0, G_OPTION_ARG_FILENAME, &options->connections,
         "Wait for N requests at a time (default: 64)", "N"},
        {"strategies", 0, 0, G_OPTION_ARG_FILENAME, &options->strategy_names,
         "The strategies to compare, separated by commas (default: all but heft and cpop)",
         "LIST"},
        {"seed", 0, 0, G_OPTION_ARG_FILENAME, &options->seed_text,
         "The same seed gives the same samples, and the same order of random", "N"},
        {"budget", 0, 0, G_OPTION_ARG_FILENAME, &options->budget_text,
         "Time of each search for a schedule, of optimal (default: 1s)", "DURATION"},
        {"noise", 0, 0, G_OPTION_ARG_FILENAME, &options->noise_text,
         "How much durations vary in samples: standard deviation of their logarithm "
         "(default: 0.3; 0: no samples)",
         "SIGMA"},
        {"fail", 0, 0, G_OPTION_ARG_FILENAME, &options->fail_text,
         "In samples, each attempt fails with this probability", "P"},
        {"samples", 0, 0, G_OPTION_ARG_FILENAME, &options->samples_text,
         "Number of samples of each result (default: 30, or none if it would take long)",
         "N"},
        {"retries", 0, 0, G_OPTION_ARG_FILENAME, &options->retries_text,
         "Retry failed tasks up to N times, unless the task declares retries", "N"},
        {"real", 0, 0, G_OPTION_ARG_NONE, &options->real,
         "Run the tasks for real, instead of simulating them", NULL},
        {"repeat", 0, 0, G_OPTION_ARG_FILENAME, &options->repeat_text,
         "With --real: run N times for each result (default: 3)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "As JSON", NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options->csv, "As CSV, a line for each result",
         NULL},
        {"svg", 0, 0, G_OPTION_ARG_FILENAME, &options->svg,
         "Draw the makespans over the numbers of workers, as SVG", "FILE"},
        {"gantt", 0, 0, G_OPTION_ARG_FILENAME, &options->gantt,
         "Draw the recommended schedule as a Gantt chart, as SVG", "FILE"},
        {"strategy", 0, 0, G_OPTION_ARG_FILENAME, &options->gantt_strategy_name,
         "With --gantt: draw the schedule of this strategy", "NAME"},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options->color,
         "Colour: auto (default), always or never", "WHEN"},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "GRAPH.xml [TASK…] [GRAPH.xml [TASK…]]…",
        .summary =
            "Compares strategies with several numbers of workers, and recommends one.  The "
            "run\nis simulated with the costs of the tasks, and nothing is run, unless "
            "--real is\ngiven.  With several graphs, a summary over all of them follows.",
        .entries = entries,
        .graph = &options->graph,
        .learns = true,
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
    g_free(options->connections);
    g_free(options->strategy_names);
    g_free(options->seed_text);
    g_free(options->budget_text);
    g_free(options->noise_text);
    g_free(options->fail_text);
    g_free(options->samples_text);
    g_free(options->retries_text);
    g_free(options->repeat_text);
    g_free(options->svg);
    g_free(options->gantt);
    g_free(options->gantt_strategy_name);
    g_free(options->color);
    g_clear_pointer(&options->workers, g_array_unref);
    g_clear_pointer(&options->strategies, g_ptr_array_unref);
}
