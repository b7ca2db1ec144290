/* SPDX-License-Identifier: MIT */
/*
 * dagrun generate: writes a graph of a given shape and size, to try schedules and to measure.
 */
#include "generate/generate.h"

#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"

#include <math.h>
#include <string.h>

#define DEFAULT_TASKS 100
#define MAX_MEAN_S    1e6
#define US_PER_S      1e6

typedef struct GenerateOptions {
    char *tasks;
    char *seed;
    char *width;
    char *degree;
    char *costs;
    char *mean;
    char *kind;
    char *output;
} GenerateOptions;

static void
generate_options_clear(GenerateOptions *options)
{
    g_free(options->tasks);
    g_free(options->seed);
    g_free(options->width);
    g_free(options->degree);
    g_free(options->costs);
    g_free(options->mean);
    g_free(options->kind);
    g_free(options->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GenerateOptions, generate_options_clear)

/* Read a number from 1 to `max`; leave *value_out if there is no text.
 * Returns: false after an error message. */
static bool
read_number(const char *option, const char *text, uint32_t max, uint32_t *value_out)
{
    uint64_t value;

    if (!text)
        return true;
    if (!g_ascii_string_to_unsigned(text, 10, 1, max, &value, NULL)) {
        complain("%s takes a whole number from 1 to %u, not \"%s\"", option, max, text);
        return false;
    }
    *value_out = (uint32_t)value;
    return true;
}

/* Read the index of a name; leave *index_out if there is no text.
 * Returns: false after an error message. */
static bool
read_choice(const char *option, const char *text, const char *const *names, int *index_out)
{
    if (!text)
        return true;
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0) {
            *index_out = i;
            return true;
        }

    g_autofree char *all = g_strjoinv(", ", (char **)(void *)names);

    complain("%s takes %s, not \"%s\"", option, all, text);
    return false;
}

/* Read a number of seconds.  Returns: false after an error message. */
static bool
read_mean(const char *text, uint64_t *us_out)
{
    char *end;
    double seconds;

    if (!text)
        return true;
    seconds = g_ascii_strtod(text, &end);
    if (end == text || *end || !(seconds >= 1 / US_PER_S && seconds <= MAX_MEAN_S)) {
        complain("--mean takes seconds from 0.000001 to 1000000, not \"%s\"", text);
        return false;
    }
    *us_out = (uint64_t)(seconds * US_PER_S + 0.5);
    return true;
}

/* Returns: false after an error message. */
static bool
read_shape(char **words, const Shape **shape_out)
{
    const char *names[32] = {NULL};

    for (size_t i = 0; shapes[i] && i + 1 < G_N_ELEMENTS(names); i++)
        names[i] = shapes[i]->name;
    if (!words[0]) {
        complain("no shape given; see dagrun generate --help");
        return false;
    }
    if (words[1]) {
        complain("generate takes one shape; \"%s\" is another word", words[1]);
        return false;
    }
    *shape_out = shape_find(words[0]);
    if (!*shape_out)
        complain_of_word("shape", words[0], names);
    return *shape_out != NULL;
}

/* Say that the option has no effect on the shape.  Returns: false. */
static bool
complain_of_effect(const char *option, const Shape *shape)
{
    complain("%s has no effect on the shape %s", option, shape->name);
    return false;
}

/* Returns: false after an error message. */
static bool
read_request(const GenerateOptions *options, char **words, GraphRequest *request)
{
    int costs = COSTS_CONSTANT, kind = WORK_NOOP;
    GraphRequest defaults;

    if (options->seed && !g_ascii_string_to_unsigned(options->seed, 10, 0, G_MAXUINT64,
                                                     &request->seed, NULL)) {
        complain("--seed takes a whole number, not \"%s\"", options->seed);
        return false;
    }
    if (!read_shape(words, &request->shape) ||
        !read_number("--tasks", options->tasks, GENERATE_MAX_TASKS, &request->n_tasks) ||
        !read_number("--width", options->width, GENERATE_MAX_WIDTH, &request->width) ||
        !read_number("--degree", options->degree, GENERATE_MAX_DEGREE, &request->degree) ||
        !read_choice("--costs", options->costs, cost_rule_names, &costs) ||
        !read_choice("--kind", options->kind, work_kind_names, &kind) ||
        !read_mean(options->mean, &request->mean_us))
        return false;
    request->costs = (CostRule)costs;
    request->kind = (WorkKind)kind;

    /* The defaults tell the options that the shape has. */
    defaults = (GraphRequest){.shape = request->shape, .n_tasks = request->n_tasks};
    if (request->shape->set_defaults)
        request->shape->set_defaults(&defaults);
    if (options->width && (defaults.width == 0 || request->shape->n_nearest))
        return complain_of_effect("--width", request->shape);
    if (options->degree && defaults.degree == 0)
        return complain_of_effect("--degree", request->shape);
    if (generate_is_too_large(request)) {
        complain("%u tasks with --degree %u may exceed 512 MiB, the largest graph that "
                 "dagrun reads",
                 request->n_tasks, request->degree);
        return false;
    }
    return true;
}

/* Write the graph to the file, or to standard output.  Returns: the exit status. */
static int
write_graph(const GraphRequest *request, const char *path)
{
    OutputFile *file = path ? output_file_open(path) : NULL;
    DagReportSink sink = file ? (DagReportSink){output_file_write, file} : output_sink();

    if (path && !file)
        return EXIT_INTERNAL;
    generate_graph(request, &sink);
    return !file || output_file_close(file) ? EXIT_GOOD : EXIT_INTERNAL;
}

/* Return the summary of the command, with all shapes; free with g_free(). */
static char *
new_summary(void)
{
    GString *text =
        g_string_new("Writes a graph to standard output.  The same options give the same "
                     "bytes.  Tasks t1, t2, … are\ndeclared after the tasks that they "
                     "need.\n\nShapes:");

    for (const Shape *const *shape = shapes; *shape; shape++)
        g_string_append_printf(text, "\n  %-16s %s", (*shape)->name, (*shape)->summary);
    return g_string_free(text, FALSE);
}

int
cmd_generate(char **argv)
{
    g_auto(GenerateOptions) options = {0};
    const GOptionEntry entries[] = {
        {"tasks", 0, 0, G_OPTION_ARG_FILENAME, &options.tasks,
         "The number of tasks, up to 4000000 (default: 100)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_FILENAME, &options.seed,
         "Another seed gives other random dependencies and costs (default: 0)", "N"},
        {"width", 0, 0, G_OPTION_ARG_FILENAME, &options.width,
         "Tasks side by side (default: the square root of N; of fork-join, N - 2)",
         "WIDTH"},
        {"degree", 0, 0, G_OPTION_ARG_FILENAME, &options.degree,
         "Dependencies of a task, up to 100 (default: 3)", "DEGREE"},
        {"costs", 0, 0, G_OPTION_ARG_FILENAME, &options.costs,
         "Distribution of costs: constant (default), uniform or log-normal", "RULE"},
        {"mean", 0, 0, G_OPTION_ARG_FILENAME, &options.mean,
         "Mean of the costs in seconds (default: 1)", "SECONDS"},
        {"kind", 0, 0, G_OPTION_ARG_FILENAME, &options.kind,
         "Action of the tasks: noop (default), or sleep or spin for as long as they cost",
         "KIND"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
         "Write to FILE instead, which is replaced when it is complete", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autofree char *summary = new_summary();
    const CommandLine line = {.usage = "SHAPE", .summary = summary, .entries = entries};
    GraphRequest request = {.n_tasks = DEFAULT_TASKS, .mean_us = (uint64_t)US_PER_S};
    int status;
    g_auto(GStrv) words = options_parse(&line, argv, &status);

    if (!words)
        return status;
    if (!read_request(&options, words, &request))
        return EXIT_USAGE;

    if (request.shape->n_nearest) {
        uint32_t n = request.shape->n_nearest(&request);

        if (n != request.n_tasks) {
            diagnose("dagrun: note: %s has %u tasks, the number nearest to %u\n",
                     request.shape->name, n, request.n_tasks);
            output_flush_diagnostics();
        }
    }
    return write_graph(&request, options.output);
}
