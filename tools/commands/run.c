/* SPDX-License-Identifier: MIT */
/*
 * dagrun run: load, plan, execute, report.
 */
#include "commands/command.h"
#include "commands/directory-lock.h"
#include "commands/dry-run.h"
#include "commands/options.h"
#include "display/output.h"
#include "display/progress.h"
#include "display/show.h"
#include "display/terminal.h"
#include "signals.h"

#include <dagrun/requests.h>
#include <dagrun/tasks.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct RunOptions {
    GraphOptions graph;
    char *strategy_name;
    char *jobs;
    char *connections;
    char *seed_text;
    char *budget_text;
    int64_t budget_ns; /* 0: that of the strategy */
    char *retries_text;
    char *timeout_text;
    char *grace_text;
    char *timings;
    char *record_requests;
    char *replay_requests;
    char *output;
    char *color;
    char *progress;
    char *show_how;
    char *errors;
    gboolean keep_going;
    gboolean dry_run;
    gboolean quiet;
    gboolean verbose;
    gboolean json;
    gboolean log;

    /* Parsed from the texts above. */
    const DagStrategy *strategy;
    unsigned n_workers;
    unsigned n_connections; /* 0: the default */
    uint64_t seed;
    unsigned retries;
    int64_t timeout_ns; /* 0: none */
    int64_t grace_ns;
    DagTasks *tasks;       /* borrowed; NULL in a dry run */
    DagRequests *requests; /* recorded or replayed; or NULL */
    DagTextStyle style;    /* of standard error */
    char *max_cost_text, *max_tokens_text;
    double max_cost;           /* 0: without limit */
    uint64_t max_tokens;       /* 0: without limit */
    DagTextStyle output_style; /* of standard output */
    Show show;
} RunOptions;

static void
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
    g_free(options->record_requests);
    g_free(options->replay_requests);
    g_free(options->output);
    g_free(options->color);
    g_free(options->progress);
    g_free(options->show_how);
    g_free(options->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunOptions, run_options_clear)

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
    if (options->record_requests && options->replay_requests) {
        complain("requests are recorded or replayed, not both");
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

/* Returns: false after an error message or --help, with *status_out set. */
static bool
parse(RunOptions *options, char **argv, int *status_out)
{
    g_autoptr(GArray) entries = g_array_new(TRUE, FALSE, sizeof(GOptionEntry));

    add_run_entries(options, entries);
    add_output_entries(options, entries);

    const CommandLine line = {
        .usage = "GRAPH.xml [TASK…]",
        .summary =
            "Runs the tasks of a graph.  With TASKs, only these and what they need.\n"
            "The output of tasks that no other task reads goes to standard output,\n"
            "everything else to standard error.",
        .entries = (const GOptionEntry *)(void *)entries->data,
        .graph = &options->graph,
    };

    if (!options_parse(&line, argv, status_out))
        return false;
    *status_out = EXIT_USAGE;
    return read_values(options);
}

/* Create a directory for results, and lock it for this run.  `path` may be NULL. */
static bool
make_directory(const char *path, DirectoryLocks *locks)
{
    if (!path || g_mkdir_with_parents(path, 0777) == 0)
        return !path || directory_lock(locks, path);
    complain("cannot make the directory \"%s\": %s", path, g_strerror(errno));
    return false;
}

/* Write the run as JSON to a file. */
static bool
write_json_file(const DagRun *run, const char *path)
{
    OutputFile *file = output_file_open(path);

    if (!file)
        return false;
    dag_report_run_json_to(run, &(DagReportSink){output_file_write, file});
    return output_file_close(file);
}

/* Write the timings to the file of --timings and to the output directory of the graph. */
static bool
write_timings(const DagRun *run, const RunOptions *options)
{
    const char *output = dag_graph_output(dag_plan_graph(dag_run_plan(run)));
    bool good = !options->timings || write_json_file(run, options->timings);

    if (output) {
        g_autofree char *path = g_build_filename(output, "timings.json", NULL);

        good = write_json_file(run, path) && good;
    }
    return good;
}

static void
write_summary(const DagRun *run, const RunOptions *options)
{
    g_autoptr(GString) text = g_string_new(NULL);
    DagTextStyle style = options->style;

    style.timeout_name = "--timeout";
    style.strategy_name = "--strategy";
    dag_report_summary(run, style, text);
    diagnose_report(text->str, text->len);
    output_flush_diagnostics();
}

/* Write all reports.
 * Returns: false if a report, or the output of a task, is incomplete. */
static bool
report(const DagRun *run, const RunOptions *options)
{
    bool good = write_timings(run, options) && dag_run_n_lost(run) == 0;
    DagReportSink sink = output_sink();

    if (!options->quiet)
        write_summary(run, options);
    if (dag_run_n_lost(run) > 0)
        complain("the output of %zu task%s is incomplete", dag_run_n_lost(run),
                 dag_run_n_lost(run) == 1 ? "" : "s");
    if (options->json)
        dag_report_run_json_to(run, &sink);
    return good;
}

/* Return the exit status: time limit before signal, then a failed task, then a failed write. */
static int
exit_status(const DagRun *run, bool is_written)
{
    if (dag_run_stop(run) == DAG_STOP_TIMEOUT)
        return EXIT_TIMEOUT;
    if (dag_run_signal(run))
        return EXIT_SIGNAL_BASE + dag_run_signal(run);
    if (!dag_run_succeeded(run))
        return EXIT_TASK;
    return is_written ? EXIT_GOOD : EXIT_INTERNAL;
}

/* Return how the texts of tasks are printed. */
static TaskOutput
task_output_of(const RunOptions *options)
{
    bool is_screen = isatty(STDOUT_FILENO);

    return (TaskOutput){
        /* With --json, standard output is for JSON alone.  On a terminal with a live display, one
         * stream keeps task output and live lines apart. */
        .to_stderr =
            options->json || (options->show.is_live && terminal_is_shared(stdout, stderr)),
        .are_separate = options->show.are_separate,
        .prints_all = options->verbose,
        .is_brief = !options->verbose && isatty(STDERR_FILENO),
        .color = options->style.color,
        /* Without a terminal, the output may be any bytes, such as an archive. */
        .output_is_filtered =
            is_screen || (options->color && strcmp(options->color, "auto") != 0),
        .output_has_color = options->output_style.color,
        .log_directory = options->output,
    };
}

/* Execute the plan and print progress.  *is_complete_out: all output of tasks was printed.
 * Returns: NULL after an error message. */
static DagRun *
execute(const DagPlan *plan, const RunOptions *options, DagCancel *cancel,
        bool *is_complete_out)
{
    g_auto(Progress) progress = {
        .verbosity = options->quiet     ? VERBOSITY_QUIET
                     : options->verbose ? VERBOSITY_ALL
                                        : VERBOSITY_NORMAL,
        .log = options->log,
        .style = options->style,
        .output = task_output_of(options),
        .is_live = options->show.is_live,
        .as_lines = options->show.as_lines,
        .cancel = cancel,
        .tasks = options->tasks,
        .stopped = {.tasks = options->tasks},
        .status_ns = options->show.status_ns,
        .live = {.cancel = cancel, .style = options->style, .retries = options->retries},
    };
    DagObserver observer = progress_observer(&progress);
    DagOpenEngine engines[] = {{dag_tasks_engine(), options->tasks},
                               {dag_requests_engine(), options->requests}};
    GError *error = NULL;
    DagRun *run = dag_execute(plan,
                              &(DagExecuteOptions){
                                  .strategy = options->strategy,
                                  .n_workers = options->n_workers,
                                  .n_connections = options->n_connections,
                                  .seed = options->seed,
                                  .budget_ns = options->budget_ns,
                                  .max_cost = options->max_cost,
                                  .max_tokens = options->max_tokens,
                                  .keep_going = options->keep_going,
                                  .retries = options->retries,
                                  .timeout_ns = options->timeout_ns,
                                  .grace_ns = dag_give(options->grace_ns),
                                  .cancel = cancel,
                                  .observers = &observer,
                                  .n_observers = 1,
                                  .follow = progress_follow(&progress),
                                  .log_directory = options->output,
                                  .engines = engines,
                                  .n_engines = options->requests ? 2 : 1,
                              },
                              &error);

    if (!run)
        complain_of(error);
    *is_complete_out = !progress.output.is_incomplete;
    return run;
}

/* End the processes that tasks left running.  Report those that cannot be ended. */
static void
end_leftovers(const RunOptions *options, const DagCancel *cancel)
{
    g_auto(GStrv) survivors = NULL;

    dag_tasks_end_leftovers(options->tasks, (int)MIN(options->grace_ns / 1000000, INT_MAX),
                            cancel, &survivors);
    for (char **survivor = survivors; *survivor; survivor++)
        complain("cannot end %s", *survivor);
}

/* Temporary files can be elsewhere than the user wants. */
static void
warn_of_tmpdir(void)
{
    g_autofree char *problem = dag_run_files_check_tmpdir();

    if (problem)
        complain("warning: %s", problem);
}

/* The workers of a run are alike, whatever machine the graph declares. */
static void
tell_of_machine(const DagGraph *graph, const RunOptions *options)
{
    size_t n_workers;

    if (dag_graph_workers(graph, &n_workers) && !options->quiet)
        complain("the <machine> of the graph is for plan and bench: here all workers are "
                 "alike");
}

/* Execute, write the reports, end leftover processes.  Signals cancel the run.
 * Returns: the exit status. */
static int
run_and_report(const DagPlan *plan, const RunOptions *options)
{
    GError *error = NULL;
    g_autoptr(DagCancel) cancel = dag_cancel_new(&error);
    g_autoptr(DagRun) run = NULL;
    int status = EXIT_INTERNAL;
    bool is_complete;

    if (!cancel)
        return complain_of(error);
    dag_tasks_adopt_orphans(options->tasks, DAG_ORPHANS_ALL);
    output_set_cancel(cancel);
    signals_install(cancel, options->tasks);
    run = execute(plan, options, cancel, &is_complete);
    if (run) {
        status = exit_status(run, report(run, options) && is_complete);
        output_flush();
    }
    /* After the reports, so that they are written even if dagrun is killed while it waits. */
    end_leftovers(options, cancel);
    signals_restore();
    output_set_cancel(NULL);
    return status;
}

/* Make the recording, or read it, if requests are recorded or replayed.
 * Returns: false after an error message. */
static bool
open_requests(RunOptions *options)
{
    GError *error = NULL;

    if (options->record_requests)
        options->requests = dag_requests_record(options->record_requests, &error);
    else if (options->replay_requests)
        options->requests = dag_requests_replay(options->replay_requests, &error);
    if (!error)
        return true;
    complain_of(error);
    return false;
}

/* Returns: the exit status, which is `status` unless the recording is incomplete. */
static int
close_requests(RunOptions *options, int status)
{
    GError *error = NULL;

    if (dag_requests_close(g_steal_pointer(&options->requests), &error))
        return status;
    complain_of(error);
    return status == EXIT_GOOD ? EXIT_INTERNAL : status;
}

static int
load_and_run(RunOptions *options)
{
    DirectoryLocks locks = {0};
    LoadPurpose purpose = options->dry_run ? LOAD_TO_PLAN : LOAD_TO_RUN;
    int status;

    options->graph.hides_warnings = options->quiet;

    g_autoptr(DagGraph) graph = options_load(&options->graph, purpose, &status);

    if (!graph)
        return status;

    g_autoptr(DagPlan) plan = options_plan(&options->graph, graph);

    if (!plan)
        return EXIT_USAGE;
    options->strategy = options_strategy(options->strategy, graph);
    options->style.secrets = output_secrets();
    if (options->dry_run) {
        dry_run(plan, options->strategy, options->seed);
        return EXIT_GOOD;
    }
    warn_of_tmpdir();
    tell_of_machine(graph, options);
    if (make_directory(dag_graph_output(graph), &locks) &&
        make_directory(options->output, &locks) && open_requests(options))
        status = close_requests(options, run_and_report(plan, options));
    else
        status = EXIT_INTERNAL;
    directory_locks_release(&locks);
    return status;
}

/* Run with the guard, a fork of dagrun: fork it before the graph uses memory. */
static int
run_guarded(RunOptions *options)
{
    GError *error = NULL;
    DagTasksOptions for_tasks = {.max_descriptors = inherited_descriptors(),
                                 .lends_terminal = true};
    g_autoptr(DagTasks) tasks = dag_tasks_new(&for_tasks, &error);
    int status;

    if (!tasks)
        return complain_of(error);
    options->tasks = tasks;
    if (!dag_tasks_start_guard(tasks, &error))
        complain_of(error);
    status = load_and_run(options);
    dag_tasks_end_guard(tasks);
    return status;
}

int
cmd_run(char **argv)
{
    g_auto(RunOptions) options = {0};
    int status;

    if (!parse(&options, argv, &status))
        return status;
    return options.dry_run ? load_and_run(&options) : run_guarded(&options);
}
