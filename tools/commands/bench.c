/* SPDX-License-Identifier: MIT */
/*
 * dagrun bench: which strategy, with how many workers, how far from the best possible, and why.  The
 * comparison is dag_benchmark_new(); the programs in bench/ at the top of the source are another thing:
 * they compare dagrun with other tools.
 */
#include "commands/bench-options.h"
#include "commands/bench-pictures.h"
#include "commands/bench-real.h"
#include "commands/command.h"
#include "commands/directory-lock.h"
#include "commands/learned.h"
#include "display/output.h"
#include "display/terminal.h"
#include "signals.h"

#include <dagrun/duration.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Samples that were not asked for may take so many simulated tasks: about 3 s. */
#define MAX_SAMPLED_TASKS 4e6

/* Progress is shown after this time, and then as often. */
#define FIRST_PROGRESS_NS INT64_C(1000000000)
#define NEXT_PROGRESS_NS  INT64_C(100000000)

/* The graphs that are compared. */
typedef struct Bench {
    GPtrArray *graphs;     /* of DagGraph */
    GPtrArray *plans;      /* of DagPlan */
    GPtrArray *benchmarks; /* of DagBenchmark */
    DagTextStyle style;
    int64_t progress_ns; /* time of the next display of progress */
    BenchRuns runs;
    bool shows_progress;
    bool omits_samples; /* of a large graph */
} Bench;

static void
bench_clear(Bench *bench)
{
    g_ptr_array_unref(bench->benchmarks);
    g_ptr_array_unref(bench->plans);
    g_ptr_array_unref(bench->graphs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static Bench
bench_new(void)
{
    return (Bench){
        .graphs = g_ptr_array_new_with_free_func((GDestroyNotify)dag_graph_free),
        .plans = g_ptr_array_new_with_free_func((GDestroyNotify)dag_plan_free),
        .benchmarks = g_ptr_array_new_with_free_func((GDestroyNotify)dag_benchmark_free),
        .progress_ns = dag_clock_ns() + FIRST_PROGRESS_NS,
        .shows_progress = terminal_is_screen(stderr),
    };
}

/* Return whether an operand after the first is another graph, not a task of the graph before it. */
static bool
is_graph(const char *word)
{
    return g_str_has_suffix(word, ".xml") || strchr(word, '/');
}

/* Load and plan the graph that options->graph.words name.  Returns: the exit status. */
static int
load_graph(Bench *bench, BenchOptions *options)
{
    LoadPurpose purpose = options->real ? LOAD_TO_RUN : LOAD_TO_PLAN;
    int status;
    DagGraph *graph = options_load(&options->graph, purpose, &status);
    DagPlan *plan;

    if (!graph)
        return status;
    g_clear_pointer(&options->graph.directory, g_free); /* it was entered */
    g_ptr_array_add(bench->graphs, graph);
    if (options->graph.past && bench->graphs->len > 1) {
        complain("--replay takes the run of one graph, and there are several");
        return EXIT_USAGE;
    }
    plan = options_plan(&options->graph, graph);
    if (!plan)
        return EXIT_USAGE;
    learned_tell(&options->graph, graph);
    g_ptr_array_add(bench->plans, plan);
    return EXIT_GOOD;
}

/* Load and plan each graph with its tasks.  Returns: the exit status. */
static int
load_graphs(Bench *bench, BenchOptions *options)
{
    g_auto(GStrv) words = g_steal_pointer(&options->graph.words);
    size_t first = 0, end;
    int status;

    do {
        for (end = first + 1; words[first] && words[end] && !is_graph(words[end]);)
            end++;
        if (!words[first])
            end = first;
        options->graph.words = g_new0(char *, end - first + 1);
        for (size_t i = first; i < end; i++)
            options->graph.words[i - first] = g_strdup(words[i]);
        status = load_graph(bench, options);
        g_clear_pointer(&options->graph.words, g_strfreev);
        first = end;
    } while (status == EXIT_GOOD && words[first]);
    return status;
}

/* A DagBenchmarkOptions.progress. */
static bool
show_progress(size_t n_done, size_t n_total, void *data)
{
    Bench *bench = data;
    int64_t now_ns = dag_clock_ns();
    g_autofree char *text = NULL;

    if (dag_cancel_level(bench->runs.cancel) != DAG_CANCEL_NONE)
        return false;
    if (!bench->shows_progress || now_ns < bench->progress_ns)
        return true;
    bench->progress_ns = now_ns + NEXT_PROGRESS_NS;
    text = g_strdup_printf("graph %u of %u: %zu of about %zu %s",
                           bench->benchmarks->len + 1, bench->plans->len, n_done, n_total,
                           bench->runs.tasks ? "runs" : "simulations");
    output_draw(text);
    return true;
}

/* Return the number of samples: none that were not asked for, if they would take long. */
static unsigned
n_samples_of(Bench *bench, const DagPlan *plan, const BenchOptions *options)
{
    double n_tasks = (double)dag_graph_n_tasks(dag_plan_graph(plan));
    size_t n_strategies = 0;

    while (dag_strategies()[n_strategies])
        n_strategies++;
    if (options->strategies)
        n_strategies = options->strategies->len;
    if (options->wants_samples || options->n_samples == 0 ||
        n_tasks * (double)(n_strategies * options->workers->len * options->n_samples) <=
            MAX_SAMPLED_TASKS)
        return options->n_samples;
    bench->omits_samples = true;
    return 0;
}

/* A DagBenchmarkOptions.run. */
static DagRun *
run_for_real(const DagPlan *plan, const DagStrategy *strategy, unsigned n_workers,
             void *data)
{
    Bench *bench = data;

    return bench_run(&bench->runs, plan, strategy, n_workers);
}

static DagBenchmark *
compare(Bench *bench, const DagPlan *plan, const BenchOptions *options)
{
    const GPtrArray *strategies = options->strategies;

    return dag_benchmark_new(
        plan,
        &(DagBenchmarkOptions){
            .strategies =
                strategies ? (const DagStrategy *const *)(void *)strategies->pdata : NULL,
            .n_strategies = strategies ? strategies->len : 0,
            .workers = (const unsigned *)(void *)options->workers->data,
            .n_counts = options->workers->len,
            .seed = options->seed,
            .budget_ns = options->budget_ns,
            .cancel = bench->runs.cancel,
            .retries = options->retries,
            .n_connections = options->n_connections,
            .noise = {.seed = options->seed,
                      .sigma = options->sigma,
                      .fail = options->fail},
            .n_samples =
                options->real ? options->n_repeats : n_samples_of(bench, plan, options),
            .run = options->real ? run_for_real : NULL,
            .progress = show_progress,
            .replay = options->graph.replay,
            .data = bench,
        });
}

static void
write_text(const Bench *bench, const DagReportSink *sink)
{
    const DagBenchmark *const *all =
        (const DagBenchmark *const *)(void *)bench->benchmarks->pdata;
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < bench->benchmarks->len; i++) {
        if (i > 0)
            output_write("\n", 1);
        dag_report_benchmark_table_to(all[i], bench->style, sink);
        dag_report_placements(dag_benchmark_plan(all[i]), bench->style, text);
        output_write(text->str, text->len);
        g_string_truncate(text, 0);
    }
    if (bench->omits_samples)
        output_print("Without samples in which durations vary, which take long; "
                     "--noise 0.3 asks for them.\n");
    if (bench->benchmarks->len > 1) {
        g_string_append_c(text, '\n');
        dag_report_benchmarks_summary(all, bench->benchmarks->len, bench->style, text);
        output_write(text->str, text->len);
    }
}

static void
write_reports(const Bench *bench, const BenchOptions *options)
{
    const DagBenchmark *const *all =
        (const DagBenchmark *const *)(void *)bench->benchmarks->pdata;
    DagReportSink sink = output_sink();

    if (options->json)
        dag_report_benchmarks_json_to(all, bench->benchmarks->len, &sink);
    else if (options->csv)
        dag_report_benchmarks_csv_to(all, bench->benchmarks->len, &sink);
    else
        write_text(bench, &sink);
}

/* Returns: false after an error message. */
static bool
write_pictures(const Bench *bench, const BenchOptions *options)
{
    bool is_good = bench_write_charts(bench->benchmarks, options);

    return bench_write_gantt(g_ptr_array_index(bench->benchmarks, 0), options,
                             bench->runs.cancel) &&
           is_good;
}

/* Compare the strategies on every graph.  Returns: the exit status. */
static int
compare_all(Bench *bench, const BenchOptions *options)
{
    bench->runs.status = EXIT_GOOD;
    for (guint i = 0; i < bench->plans->len && bench->runs.status == EXIT_GOOD; i++) {
        DagPlan *plan = g_ptr_array_index(bench->plans, i);

        g_ptr_array_add(bench->benchmarks, compare(bench, plan, options));
        if (bench->runs.status == EXIT_GOOD && dag_cancel_signal(bench->runs.cancel))
            bench_runs_cancelled(&bench->runs);
    }
    if (bench->shows_progress)
        output_undraw();
    if (bench->runs.status != EXIT_GOOD)
        return bench->runs.status;
    write_reports(bench, options);
    return write_pictures(bench, options) ? EXIT_GOOD : EXIT_INTERNAL;
}

/* Make and lock the directories that the graphs declare for results.
 * Returns: false after an error message. */
static bool
lock_directories(const Bench *bench, DirectoryLocks *locks)
{
    for (guint i = 0; i < bench->graphs->len; i++) {
        const char *path = dag_graph_output(g_ptr_array_index(bench->graphs, i));

        if (path && g_mkdir_with_parents(path, 0777) != 0) {
            complain("cannot make the directory \"%s\": %s", path, g_strerror(errno));
            return false;
        }
        if (path && !directory_lock(locks, path))
            return false;
    }
    return true;
}

/* The same until a signal comes. */
static int
compare_until_signal(Bench *bench, const BenchOptions *options)
{
    GError *error = NULL;
    g_autoptr(DagCancel) cancel = dag_cancel_new(&error);
    int status;

    if (!cancel)
        return complain_of(error);
    bench->runs.cancel = cancel;
    bench->runs.retries = options->retries;
    bench->runs.n_connections = options->n_connections;
    bench->runs.seed = options->seed;
    bench->runs.budget_ns = options->budget_ns;
    if (bench->runs.tasks)
        dag_tasks_adopt_orphans(bench->runs.tasks, DAG_ORPHANS_ALL);
    signals_install(cancel, bench->runs.tasks);
    output_set_cancel(cancel);
    status = compare_all(bench, options);
    output_set_cancel(NULL);
    signals_restore();
    return status;
}

/* Returns: the exit status. */
static int
load_and_compare(Bench *bench, BenchOptions *options)
{
    DirectoryLocks locks = {0};
    int status = load_graphs(bench, options);

    if (status != EXIT_GOOD)
        return status;
    bench->style.secrets = output_secrets();
    if (options->gantt && bench->plans->len > 1) {
        complain("--gantt takes one graph");
        return EXIT_USAGE;
    }
    if (options->real && !lock_directories(bench, &locks))
        status = EXIT_INTERNAL;
    else
        status = compare_until_signal(bench, options);
    directory_locks_release(&locks);
    return status;
}

/* Run with the guard, a fork of dagrun: fork it before the graphs use memory. */
static int
compare_guarded(Bench *bench, BenchOptions *options)
{
    GError *error = NULL;
    DagTasksOptions for_tasks = {.max_descriptors = inherited_descriptors()};
    g_autoptr(DagTasks) tasks = dag_tasks_new(&for_tasks, &error);
    int status;

    if (!tasks)
        return complain_of(error);
    bench->runs.tasks = tasks;
    if (!dag_tasks_start_guard(tasks, &error))
        complain_of(error);
    status = load_and_compare(bench, options);
    dag_tasks_end_guard(tasks);
    return status;
}

int
cmd_bench(char **argv)
{
    g_auto(BenchOptions) options = {0};
    g_auto(Bench) bench = bench_new();
    int status;

    if (!bench_options_parse(&options, argv, &status))
        return status;
    if (!terminal_style(options.color, stdout, &bench.style))
        return EXIT_USAGE;
    return options.real ? compare_guarded(&bench, &options)
                        : load_and_compare(&bench, &options);
}
