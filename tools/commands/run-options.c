/* SPDX-License-Identifier: MIT */
#include "commands/run-options.h"

#include "commands/command.h"
#include "commands/learned.h"
#include "display/terminal.h"

#include <stdio.h>
#include <string.h>

void
run_options_clear(RunOptions *options)
{
    graph_options_clear(&options->graph);
    g_free(options->strategy_name);
    g_free(options->jobs);
    g_free(options->connections);
    g_free(options->seed_text);
    g_free(options->budget_text);
    g_free(options->max_cost_text);
    g_free(options->max_tokens_text);
    g_free(options->retries_text);
    g_free(options->timeout_text);
    g_free(options->grace_text);
    g_free(options->timings);
    run_reports_clear(&options->reports);
    g_free(options->record_requests);
    g_free(options->replay_requests);
    g_free(options->output);
    g_free(options->color);
    g_free(options->progress);
    g_free(options->show_how);
    g_free(options->errors);
    g_free(options->slower_text);
    dag_plan_free(options->predicted);
    g_free(options->store_path);
    resume_options_clear(&options->resume);
}

/* Returns: false after an error message. */
static bool
read_limits(RunOptions *options)
{
    guint64 retries = 0;

    if (options->retries_text &&
        !g_ascii_string_to_unsigned(options->retries_text, 10, 0, 1000, &retries, NULL)) {
        complain("--retries takes a number from 0 to 1000, not \"%s\"",
                 options->retries_text);
        return false;
    }
    options->retries = (unsigned)retries;
    options->grace_ns = DAG_GRACE_NS;
    if (!options_read_duration("--timeout", options->timeout_text, &options->timeout_ns) ||
        !options_read_duration("--grace", options->grace_text, &options->grace_ns))
        return false;
    if (options->timeout_text && options->timeout_ns == 0) {
        complain("--timeout takes a duration above 0, not \"%s\"", options->timeout_text);
        return false;
    }
    return true;
}

/* Read how much models may use.  Returns: false after an error message. */
static bool
read_spending(RunOptions *options)
{
    const char *cost = options->max_cost_text, *tokens = options->max_tokens_text;
    char *end;

    if (cost) {
        options->max_cost = g_ascii_strtod(cost, &end);
        if (end == cost || *end || !(options->max_cost > 0) || options->max_cost > 1e15) {
            complain("--max-cost takes an amount above 0, such as 0.50, not \"%s\"", cost);
            return false;
        }
    }
    if (tokens && !g_ascii_string_to_unsigned(tokens, 10, 1, G_MAXINT64,
                                              &options->max_tokens, NULL)) {
        complain("--max-tokens takes a number of tokens from 1, not \"%s\"", tokens);
        return false;
    }
    return true;
}

/* Returns: false after an error message. */
static bool
read_numbers(RunOptions *options)
{
    if (!options_read_jobs(options->jobs, &options->n_workers) ||
        !options_read_connections(options->connections, &options->n_connections) ||
        !read_spending(options))
        return false;
    if (options->seed_text &&
        !g_ascii_string_to_unsigned(options->seed_text, 10, 0, G_MAXUINT64, &options->seed,
                                    NULL)) {
        complain("--seed takes a whole number, not \"%s\"", options->seed_text);
        return false;
    }
    return options_read_budget(options->budget_text, &options->budget_ns);
}

/* Returns: false after an error message. */
static bool
read_show(RunOptions *options)
{
    const ShowWords words = {.progress = options->progress,
                             .show = options->show_how,
                             .errors = options->errors,
                             .quiet = options->quiet,
                             .log = options->log};

    return terminal_style(options->color, stderr, &options->style) &&
           terminal_style(options->color, stdout, &options->output_style) &&
           show_read(&words, &options->show);
}

/* Returns: false after an error message. */
static bool
read_store(RunOptions *options)
{
    options->slower_share = -1;
    if (!store_options_path(&options->graph.store, &options->store_path) ||
        !learned_read_share(options->slower_text, &options->slower_share))
        return false;
    if (!options->slower_text || options->store_path)
        return true;
    complain("--fail-if-slower compares with earlier runs, and there is no store");
    return false;
}

/* Read the values of the options.  Returns: false after an error message. */
static bool
read_values(RunOptions *options)
{
    if (!options_find_strategy(options->strategy_name, &options->strategy) ||
        !read_numbers(options) || !read_limits(options))
        return false;
    if (options->json && options->dry_run) {
        complain("--json reports a run, and -n runs nothing; see dagrun plan --json");
        return false;
    }
    if (g_strcmp0(options->timings, "-") == 0) {
        complain("--timings takes a file; --json prints the same on standard output");
        return false;
    }
    if (!run_reports_read(&options->reports))
        return false;
    if (options->record_requests && options->replay_requests) {
        complain("requests are recorded or replayed, not both");
        return false;
    }
    if (!read_store(options) ||
        !resume_options_read(&options->resume, options->store_path != NULL))
        return false;
    if (options->resume.is_on && options->dry_run) {
        complain("-n runs nothing, so it cannot tell which results would be taken over");
        return false;
    }
    options->graph.needs_no_secrets = options->replay_requests != NULL;
    return read_show(options);
}

/* Append the options for the run of the tasks. */
static void
add_run_entries(RunOptions *options, GArray *entries)
{
    const GOptionEntry added[] = {
        {"jobs", 'j', 0, G_OPTION_ARG_FILENAME, &options->jobs,
         "Run N tasks at a time (default: the number of usable cores)", "N"},
        {"connections", 0, 0, G_OPTION_ARG_FILENAME, &options->connections,
         "Wait for N requests at a time (default: 64)", "N"},
        {"keep-going", 'k', 0, G_OPTION_ARG_NONE, &options->keep_going,
         "After a failure, continue with tasks that do not depend on it", NULL},
        {"timeout", 0, 0, G_OPTION_ARG_FILENAME, &options->timeout_text,
         "Stop the run after this long, such as 90s or 2h", "DURATION"},
        {"retries", 0, 0, G_OPTION_ARG_FILENAME, &options->retries_text,
         "Retry failed tasks up to N times, unless the task declares retries", "N"},
        {"grace", 0, 0, G_OPTION_ARG_FILENAME, &options->grace_text,
         "Time between SIGTERM and SIGKILL (default: 5s)", "DURATION"},
        {"fail-if-slower", 0, 0, G_OPTION_ARG_FILENAME, &options->slower_text,
         "Exit with 1 if the run took longer than recent ones by more than this",
         "PERCENT"},
        {"max-cost", 0, 0, G_OPTION_ARG_FILENAME, &options->max_cost_text,
         "Limit for the cost of all questions to language models", "AMOUNT"},
        {"max-tokens", 0, 0, G_OPTION_ARG_FILENAME, &options->max_tokens_text,
         "Limit for the tokens of all questions to language models", "N"},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &options->dry_run,
         "Print the tasks in start order; run nothing", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "Print failures only", NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose,
         "Print also starts, and all output, also that which tasks read", NULL},
        {"strategy", 0, 0, G_OPTION_ARG_FILENAME, &options->strategy_name,
         "Scheduling strategy (see dagrun list strategies)", "NAME"},
        {"seed", 0, 0, G_OPTION_ARG_FILENAME, &options->seed_text,
         "For --strategy random: the same seed gives the same order", "N"},
        {"budget", 0, 0, G_OPTION_ARG_FILENAME, &options->budget_text,
         "For --strategy optimal: time to search for a schedule (default: 1s)", "DURATION"},
    };

    g_array_append_vals(entries, added, G_N_ELEMENTS(added));
}

/* Append the options for results and display. */
static void
add_output_entries(RunOptions *options, GArray *entries)
{
    const GOptionEntry added[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json,
         "Print the whole run as JSON, and nothing else, on standard output", NULL},
        {"log", 0, 0, G_OPTION_ARG_NONE, &options->log,
         "Log phases instead of a line per task", NULL},
        {"timings", 0, 0, G_OPTION_ARG_FILENAME, &options->timings,
         "Write timings to FILE, as JSON", "FILE"},
        {"record-requests", 0, 0, G_OPTION_ARG_FILENAME, &options->record_requests,
         "Record the requests and their answers in FILE", "FILE"},
        {"replay-requests", 0, 0, G_OPTION_ARG_FILENAME, &options->replay_requests,
         "Send no requests; answer them from FILE", "FILE"},
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &options->output,
         "Write the output of each task also to DIR/TASK.log", "DIR"},
        {"wait", 0, 0, G_OPTION_ARG_NONE, &options->wait,
         "Wait for another run that uses the same directory for results", NULL},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options->color,
         "Colour: auto (default), always or never", "WHEN"},
        {"progress", 0, 0, G_OPTION_ARG_FILENAME, &options->progress,
         "Progress display: auto (default; live on a terminal) or lines", "HOW"},
        {"show", 0, 0, G_OPTION_ARG_FILENAME, &options->show_how,
         "Text of tasks: sections (default; when a task has ended) or lines (as they come)",
         "HOW"},
        {"stderr", 0, 0, G_OPTION_ARG_FILENAME, &options->errors,
         "Standard error of tasks: joined (default; in order with their output) or "
         "separate",
         "HOW"},
    };

    g_array_append_vals(entries, added, G_N_ELEMENTS(added));
}

bool
run_options_parse(RunOptions *options, char **argv, int *status_out)
{
    g_autoptr(GArray) entries = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));

    add_run_entries(options, entries);
    resume_options_add(&options->resume, entries);
    add_output_entries(options, entries);
    run_reports_add(&options->reports, entries);

    const CommandLine line = {
        .usage = "GRAPH.xml [TASK…]",
        .summary =
            "Runs the tasks of a graph.  With TASKs, only these and what they need.\n"
            "The output of tasks that no other task reads goes to standard output,\n"
            "everything else to standard error.",
        .entries = (const GOptionEntry *)(void *)entries->data,
        .graph = &options->graph,
        .learns = true,
    };

    if (!options_parse(&line, argv, status_out))
        return false;
    *status_out = EXIT_USAGE;
    return read_values(options);
}
