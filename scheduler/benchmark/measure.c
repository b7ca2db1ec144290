/* SPDX-License-Identifier: MIT */
/*
 * The matrix, measured: each strategy with each number of workers is run for real, several times.  A
 * machine gets warm, and slower or faster with time, so the results take turns: each round has every one
 * once, in another random order.  The first run of all is not counted.
 *
 * There is no lower bound of a measured run but that of its own durations.  So the bound is that of tasks
 * that each take the shortest time they took in any run.
 */
#include "benchmark/benchmark.h"

#include "model/random.h"
#include "plan/intervals.h"

#include <dagrun/execute.h>

/* The makespans of one result. */
typedef struct Times {
    int64_t *ns; /* [n_samples] */
    unsigned n;
} Times;

/* Return a run, or NULL at the end of all. */
static DagRun *
run_once(DagBenchmark *benchmark, const DagBenchmarkResult *result)
{
    const DagBenchmarkOptions *options = &benchmark->options;
    DagRun *run;

    if (!benchmark->is_over && options->progress)
        benchmark->is_over =
            !options->progress(benchmark->n_done, benchmark->n_total, options->data);
    if (benchmark->is_over)
        return NULL;
    run = options->run(benchmark->plan, result->strategy, result->n_workers, options->data);
    benchmark->is_over = !run;
    benchmark->n_done++;
    return run;
}

/* Keep the shortest duration of each task, and whether one paused between attempts. */
static void
note_durations(DagBenchmark *benchmark, const DagRun *run, double *least)
{
    size_t n_tasks = dag_graph_n_tasks(dag_plan_graph(benchmark->plan));

    for (DagTaskId id = 0; id < n_tasks; id++) {
        double seconds = (double)dag_run_busy_ns(run, id) / 1e9;

        benchmark->has_pauses |= dag_run_record(run, id).n_attempts > 1;
        if (dag_run_record(run, id).start_ns >= 0 && (least[id] < 0 || seconds < least[id]))
            least[id] = seconds;
    }
}

/* Put the numbers in a random order (Fisher and Yates, 1938). */
static void
shuffle(size_t *numbers, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = dag__random_next(state) % i, number = numbers[i - 1];

        numbers[i - 1] = numbers[k];
        numbers[k] = number;
    }
}

/* Run every result once.  Returns: false at the end of all. */
static bool
run_round(DagBenchmark *benchmark, const size_t *order, Times *times, double *least)
{
    size_t n = benchmark->options.n_counts * benchmark->options.n_strategies;

    for (size_t i = 0; i < n; i++) {
        DagBenchmarkResult *result = &benchmark->results[order[i]];
        Times *its = &times[order[i]];
        g_autoptr(DagRun) run = run_once(benchmark, result);

        if (!run)
            return false;
        result->has_run = true;
        result->search = dag_run_search(run);
        result->succeeded = result->succeeded && dag_run_succeeded(run);
        /* The caller has made room.  NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        its->ns[its->n++] = dag_run_makespan_ns(run);
        note_durations(benchmark, run, least);
    }
    return true;
}

/* Set the bounds and the total cost from the shortest durations. */
static void
bound_by_durations(DagBenchmark *benchmark, const double *least)
{
    const DagGraph *graph = dag_plan_graph(benchmark->plan);
    unsigned n_connections = benchmark->options.n_connections;

    benchmark->total_cost = benchmark->worker_cost = 0;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        double seconds = MAX(least[id], 0);

        benchmark->total_cost += seconds;
        if (dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_WORKER)
            benchmark->worker_cost += seconds;
    }
    for (size_t c = 0; c < benchmark->options.n_counts; c++) {
        DagMachine machine = {benchmark->options.workers[c],
                              n_connections ? n_connections : DAG_DEFAULT_CONNECTIONS};

        benchmark->bounds[c] = dag_plan_bound(benchmark->plan, &machine, least);
        if (!benchmark->has_pauses)
            dag__raise_by_intervals(graph, least,
                                    &(IntervalLimits){.n_workers = machine.n_workers,
                                                      .pass_steps = 2e5,
                                                      .n_passes = 10},
                                    &benchmark->bounds[c]);
    }
}

/* Derive the figures of each result from its makespans. */
static void
conclude(DagBenchmark *benchmark, const Times *times)
{
    size_t n_strategies = benchmark->options.n_strategies;

    for (size_t i = 0; i < benchmark->options.n_counts * n_strategies; i++) {
        DagBenchmarkResult *result = &benchmark->results[i];

        if (times[i].n == 0)
            continue;
        dag__benchmark_summarize(result, times[i].ns, times[i].n);
        result->makespan_ns = result->median_ns;
        result->late_ns = result->most_ns;
        dag__benchmark_compare(benchmark, result, &benchmark->bounds[i / n_strategies]);
    }
}

static void
begin_results(DagBenchmark *benchmark, Times *times, size_t *order)
{
    const DagBenchmarkOptions *options = &benchmark->options;

    for (size_t i = 0; i < options->n_counts * options->n_strategies; i++) {
        benchmark->results[i] =
            (DagBenchmarkResult){.strategy = options->strategies[i % options->n_strategies],
                                 .n_workers = options->workers[i / options->n_strategies],
                                 .succeeded = true,
                                 .unbarred_ns = -1};
        times[i] = (Times){g_new(int64_t, options->n_samples), 0};
        order[i] = i;
    }
}

void
dag__benchmark_measure(DagBenchmark *benchmark)
{
    const DagBenchmarkOptions *options = &benchmark->options;
    size_t n = options->n_counts * options->n_strategies;
    size_t n_tasks = dag_graph_n_tasks(dag_plan_graph(benchmark->plan));
    g_autofree Times *times = g_new0(Times, n);
    g_autofree size_t *order = g_new(size_t, n);
    g_autofree double *least = g_new(double, n_tasks + 1);
    uint64_t state = options->seed;

    for (size_t id = 0; id < n_tasks; id++)
        least[id] = -1;
    begin_results(benchmark, times, order);
    benchmark->n_total = n * options->n_samples + 1;
    dag_run_free(run_once(benchmark, &benchmark->results[0])); /* the one that warms up */
    for (unsigned round = 0; round < options->n_samples; round++) {
        shuffle(order, n, &state);
        if (!run_round(benchmark, order, times, least))
            break;
    }
    bound_by_durations(benchmark, least);
    conclude(benchmark, times);
    for (size_t i = 0; i < n; i++)
        g_free(times[i].ns);
}
