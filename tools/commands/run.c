/* SPDX-License-Identifier: MIT */
/*
 * dagrun run: load, plan, execute, report.
 */
#include "commands/command.h"
#include "commands/directory-lock.h"
#include "commands/dry-run.h"
#include "commands/learned.h"
#include "commands/run-options.h"
#include "display/output.h"
#include "display/progress.h"
#include "display/terminal.h"
#include "signals.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Create a directory for results.  `path` may be NULL. */
static bool
make_directory(const char *path)
{
    if (!path || g_mkdir_with_parents(path, 0777) == 0)
        return true;
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

/* Append how well the costs of earlier runs predicted this one. */
static void
append_prediction(const DagRun *run, const RunOptions *options, DagTextStyle style,
                  GString *text)
{
    if (options->predicted)
        dag_report_prediction(run, options->predicted, style, text);
}

static void
write_summary(const DagRun *run, const RunOptions *options)
{
    g_autoptr(GString) text = g_string_new(NULL);

    dag_report_summary(run, options->style, text);
    append_prediction(run, options, options->style, text);
    diagnose_report(text->str, text->len);
    output_flush_diagnostics();
}

/* Write all reports.
 * Returns: false if a report, or the output of a task, is incomplete. */
static bool
report(const DagRun *run, RunOptions *options)
{
    bool good = write_timings(run, options) && dag_run_n_lost(run) == 0;
    bool are_written = run_reports_finish(&options->reports, run);
    DagReportSink sink = output_sink();

    if (!options->quiet)
        write_summary(run, options);
    if (dag_run_n_lost(run) > 0)
        complain("the output of %zu task%s is incomplete", dag_run_n_lost(run),
                 dag_run_n_lost(run) == 1 ? "" : "s");
    if (options->json)
        dag_report_run_json_to(run, &sink);
    return good && are_written;
}

/* Return true after a sentence if the run succeeded, but took too long. */
static bool
is_slower(const DagRun *run, RunOptions *options, int64_t number)
{
    return options->slower_share >= 0 && dag_run_succeeded(run) &&
           learned_is_slower(&options->graph, run, number, options->slower_share);
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

/* The store of a run. */
typedef struct Storage {
    DagStoreWriter *writer;  /* NULL: the run is not stored */
    const DagMemory *memory; /* of the writer; or NULL */
} Storage;

/* Execute the plan and print progress.  *is_complete_out: all output of tasks was printed.
 * Returns: NULL after an error message. */
static DagRun *
execute(const DagPlan *plan, RunOptions *options, DagCancel *cancel, const Storage *storage,
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
    DagObserver observers[2 + RUN_REPORTS_OBSERVERS];
    size_t n_observers = 0;
    DagOpenEngine engines[] = {{dag_tasks_engine(), options->tasks},
                               {dag_requests_engine(), options->requests}};
    GError *error = NULL;
    DagRun *run;

    /* First, so that the display shows no task as done before it is stored. */
    if (storage->writer)
        observers[n_observers++] = dag_store_writer_observer(storage->writer);
    n_observers = run_reports_observe(&options->reports, observers, n_observers);
    observers[n_observers++] = progress_observer(&progress);
    run = dag_execute(plan,
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
                          .observers = observers,
                          .n_observers = n_observers,
                          .follow = progress_follow(&progress),
                          .log_directory = options->output,
                          .engines = engines,
                          .n_engines = options->requests ? 2 : 1,
                          .memory = storage->memory,
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

/* Make the writer of the run, if it is to be stored, and its memory.
 * Returns: false after an error message: there is nothing to resume. */
static bool
open_storage(Storage *storage, RunOptions *options)
{
    const char *graph = options->graph.words[0];
    g_autofree char *path = NULL;

    if (!options->store_path)
        return true;
    path = store_graph_path(graph);
    storage->writer = dag_store_writer_new(
        &(DagStoreAbout){.directory = options->store_path,
                         .graph_path = path,
                         .version = DAGRUN_VERSION,
                         .store = g_steal_pointer(&options->graph.opened)});
    if (resume_options_memory(&options->resume, options->store_path, storage->writer, graph,
                              &storage->memory))
        return true;
    g_clear_pointer(&storage->writer, dag_store_writer_free);
    return false;
}

/* Store the summary of the run, without colours, and close the store.  Tell if the run is not stored. */
static void
end_writer(DagStoreWriter *writer, const DagRun *run, const RunOptions *options)
{
    g_autoptr(GString) text = g_string_new(NULL);
    DagTextStyle style = {.timeout_name = options->style.timeout_name,
                          .strategy_name = options->style.strategy_name,
                          .secrets = options->style.secrets};

    if (!writer)
        return;
    if (run) {
        dag_report_summary(run, style, text);
        append_prediction(run, options, style, text);
        dag_store_writer_finish(writer, run, text->str);
    }
    if (dag_store_writer_problem(writer) && !options->quiet)
        complain("warning: %s", dag_store_writer_problem(writer));
    dag_store_writer_free(writer);
}

/* Execute, write the reports, end leftover processes.  Signals cancel the run.
 * Returns: the exit status. */
static int
run_and_report(const DagPlan *plan, RunOptions *options)
{
    GError *error = NULL;
    g_autoptr(DagCancel) cancel = dag_cancel_new(&error);
    g_autoptr(DagRun) run = NULL;
    Storage storage = {0};
    int status = EXIT_INTERNAL;
    bool is_complete;
    int64_t number;

    if (!cancel)
        return complain_of(error);
    if (!open_storage(&storage, options))
        return EXIT_USAGE;
    dag_tasks_adopt_orphans(options->tasks, DAG_ORPHANS_ALL);
    output_set_cancel(cancel);
    signals_install(cancel, options->tasks);
    run = execute(plan, options, cancel, &storage, &is_complete);
    number = storage.writer ? dag_store_writer_run(storage.writer) : 0;
    if (run) {
        if (dag_run_makespan_ns(run) >= DAG_LEAST_PREDICTED_NS && dag_run_succeeded(run))
            options->predicted =
                learned_plan(&options->graph, dag_plan_graph(plan), number);
        status = exit_status(run, report(run, options) && is_complete);
        if (is_slower(run, options, number) && status == EXIT_GOOD)
            status = EXIT_TASK;
        output_flush();
    }
    end_writer(storage.writer, run, options);
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

    options->strategy = options_strategy(options->strategy, graph);
    options->graph.learns_late =
        !options->strategy->keys && !options->strategy->solve && !options->show.is_live;

    g_autoptr(DagPlan) plan = options_plan(&options->graph, graph);

    if (!plan)
        return EXIT_USAGE;
    if (!resume_options_find_tasks(&options->resume, graph))
        return EXIT_USAGE;
    options->style.secrets = output_secrets();
    options->style.timeout_name = "--timeout";
    options->style.strategy_name = "--strategy";
    if (options->dry_run) {
        dry_run(plan, options->strategy, options->seed);
        return EXIT_GOOD;
    }
    warn_of_tmpdir();
    tell_of_machine(graph, options);
    locks.waits = options->wait;
    if (make_directory(dag_graph_output(graph)) && make_directory(options->output) &&
        directory_lock_both(&locks, dag_graph_output(graph), options->output) &&
        run_reports_open(&options->reports) && open_requests(options))
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

    if (!run_options_parse(&options, argv, &status))
        return status;
    return options.dry_run ? load_and_run(&options) : run_guarded(&options);
}
