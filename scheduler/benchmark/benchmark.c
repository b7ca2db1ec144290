/* SPDX-License-Identifier: MIT */
/*
 * The matrix: each strategy with each number of workers is one simulation, and one more without
 * barriers if the strategy has them.  All of them use the costs of the plan.
 */
#include "benchmark/benchmark.h"

#include <dagrun/execute.h>
#include <dagrun/simulate.h>
#include <stdlib.h>

/* Below the largest time, also as a double. */
#define MAX_IDLE_NS 9.2e18

/* Simulations that the conclusion needs, about; for progress() only. */
#define N_EXTRA 16

static bool
has_barrier(const DagStrategy *strategy)
{
    return strategy->release == DAG_RELEASE_PHASE;
}

/* The chance under which a sample is simulated. */
typedef struct Chance {
    DagNoise noise;
    DagReplay *replay; /* or NULL */
} Chance;

/* A DagSimulateOptions.attempt. */
static DagSimulatedAttempt
attempt_by_chance(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    Chance *chance = data;
    DagSimulatedAttempt varied = dag_noise_attempt(plan, id, attempt, &chance->noise), was;
    double cost = dag_plan_cost(plan, id);

    if (!chance->replay)
        return varied;
    was = dag_replay_attempt(plan, id, attempt, chance->replay);
    if (cost > 0)
        was.seconds *= varied.seconds / cost;
    if (was.outcome != DAG_SUCCEEDED)
        return was;
    varied.seconds = was.seconds;
    return varied;
}

/* Return the options of all simulations. */
static DagSimulateOptions
shared_options(const DagBenchmark *benchmark)
{
    const DagBenchmarkOptions *options = &benchmark->options;
    DagSimulateOptions shared = {0};

    if (options->replay)
        shared = dag_replay_options(options->replay);
    if (options->n_connections > 0)
        shared.n_connections = options->n_connections;
    if (options->seed > 0)
        shared.seed = options->seed;
    if (options->retries > 0)
        shared.retries = options->retries;
    shared.budget_ns = options->budget_ns;
    shared.cancel = options->cancel;
    return shared;
}

/* Simulate once.  `chance`: NULL: as the costs, or the recorded run, say. */
static DagRun *
simulate(DagBenchmark *benchmark, const DagStrategy *strategy, unsigned n_workers,
         Chance *chance)
{
    const DagBenchmarkOptions *options = &benchmark->options;
    DagSimulateOptions simulation = shared_options(benchmark);

    if (!benchmark->is_over && options->progress)
        benchmark->is_over = !options->progress(
            benchmark->n_done, MAX(benchmark->n_total, benchmark->n_done + 1),
            options->data);
    if (benchmark->is_over)
        return NULL;
    benchmark->n_done++;
    simulation.strategy = strategy;
    simulation.n_workers = n_workers;
    if (chance) {
        simulation.attempt = attempt_by_chance;
        simulation.data = chance;
    }
    return dag_simulate(benchmark->plan, &simulation);
}

static int
compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* Return the least of the sorted values that is not exceeded by `percent` of 100 of them. */
static int64_t
quantile(const int64_t *sorted, unsigned n, unsigned percent)
{
    return sorted[(n * percent + 99) / 100 - 1];
}

void
dag__benchmark_summarize(DagBenchmarkResult *result, int64_t *times, unsigned n)
{
    qsort(times, n, sizeof(*times), compare_times);
    result->n_succeeded = n;
    result->least_ns = times[0];
    result->median_ns = quantile(times, n, 50);
    result->late_ns = quantile(times, n, 95);
    result->most_ns = times[n - 1];
}

/* Simulate the samples.  A strategy that searches has none: each would be another search.  Sample number i has the same seed under every strategy. */
static void
take_samples(DagBenchmark *benchmark, DagBenchmarkResult *result)
{
    unsigned n_samples = benchmark->options.n_samples;
    g_autofree int64_t *times = g_new(int64_t, n_samples + 1);

    for (unsigned i = 0; i < n_samples && !result->strategy->solve; i++) {
        Chance chance = {benchmark->options.noise, benchmark->options.replay};

        chance.noise.seed += i;

        g_autoptr(DagRun) run =
            simulate(benchmark, result->strategy, result->n_workers, &chance);

        if (run && dag_run_succeeded(run))
            times[result->n_succeeded++] = dag_run_makespan_ns(run);
    }
    if (result->n_succeeded > 0)
        dag__benchmark_summarize(result, times, result->n_succeeded);
}

/* Return the makespan of the same order without barriers; -1 if it has none. */
static int64_t
unbarred_ns(DagBenchmark *benchmark, const DagStrategy *strategy, unsigned n_workers)
{
    DagStrategy unbarred = *strategy;

    if (!has_barrier(strategy))
        return -1;
    unbarred.release = DAG_RELEASE_READY;

    g_autoptr(DagRun) run = simulate(benchmark, &unbarred, n_workers, NULL);

    return run ? dag_run_makespan_ns(run) : -1;
}

void
dag__benchmark_compare(const DagBenchmark *benchmark, DagBenchmarkResult *result,
                       const DagBound *bound)
{
    double makespan = (double)result->makespan_ns / 1e9;
    double idle = result->n_workers * makespan - benchmark->worker_cost;

    result->idle_ns = (int64_t)CLAMP(idle * 1e9 + 0.5, 0, MAX_IDLE_NS);
    result->speed_up = makespan > 0 ? benchmark->total_cost / makespan : 0;
    result->efficiency =
        makespan > 0 ? MIN(1, benchmark->worker_cost / (result->n_workers * makespan)) : 0;
    result->excess = bound->duration > 0 ? MAX(0, makespan / bound->duration - 1) : 0;
    if (result->excess < 1e-9)
        result->excess = 0;
}

DagBenchmarkResult
dag__benchmark_simulate(DagBenchmark *benchmark, const DagStrategy *strategy,
                        unsigned n_workers, bool with_details)
{
    DagBenchmarkResult result = {
        .strategy = strategy, .n_workers = n_workers, .unbarred_ns = -1};
    g_autoptr(DagRun) run = simulate(benchmark, strategy, n_workers, NULL);

    if (!run)
        return result;
    result.has_run = true;
    result.succeeded = dag_run_succeeded(run);
    result.search = dag_run_search(run);
    result.makespan_ns = dag_run_makespan_ns(run);
    if (with_details) {
        result.unbarred_ns = unbarred_ns(benchmark, strategy, n_workers);
        take_samples(benchmark, &result);
    }
    return result;
}

DagBound
dag__benchmark_bound(DagBenchmark *benchmark, unsigned n_workers)
{
    unsigned n_connections = shared_options(benchmark).n_connections;
    DagMachine machine = {.n_workers = n_workers,
                          .n_connections =
                              n_connections ? n_connections : DAG_DEFAULT_CONNECTIONS};

    if (benchmark->bound_workers != n_workers) {
        benchmark->last_bound = dag_plan_best_bound(benchmark->plan, &machine);
        benchmark->bound_workers = n_workers;
    }
    return benchmark->last_bound;
}

/* Raise the bound to what the searches of the row have shown, except for rounding errors. */
static void
raise_by_searches(const DagBenchmarkResult *row, size_t n, DagBound *bound)
{
    for (size_t s = 0; s < n; s++)
        if (row[s].search.lower_bound > bound->duration * (1 + 1e-9))
            *bound = (DagBound){.duration = row[s].search.lower_bound,
                                .cause = DAG_BOUND_SEARCH};
}

DagBound
dag__benchmark_fill_row(DagBenchmark *benchmark, unsigned n_workers,
                        DagBenchmarkResult *row)
{
    size_t n = benchmark->options.n_strategies;
    DagBound bound = dag__benchmark_bound(benchmark, n_workers);

    for (size_t s = 0; s < n; s++)
        row[s] = dag__benchmark_simulate(benchmark, benchmark->options.strategies[s],
                                         n_workers, true);
    raise_by_searches(row, n, &bound);
    for (size_t s = 0; s < n; s++)
        if (row[s].has_run)
            dag__benchmark_compare(benchmark, &row[s], &bound);
    return bound;
}

static void
add_costs(DagBenchmark *benchmark)
{
    const DagGraph *graph = dag_plan_graph(benchmark->plan);
    size_t n = dag_graph_n_tasks(graph);

    for (DagTaskId id = 0; id < n; id++) {
        double cost = dag_plan_cost(benchmark->plan, id);

        benchmark->total_cost += cost;
        if (dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_WORKER)
            benchmark->worker_cost += cost;
    }
}

static void
copy_options(DagBenchmark *benchmark, const DagBenchmarkOptions *options)
{
    const DagStrategy *const *strategies =
        options->strategies ? options->strategies : dag_strategies();
    size_t n_strategies = options->n_strategies;

    if (!options->strategies)
        for (n_strategies = 0; strategies[n_strategies];)
            n_strategies++;
    benchmark->options = *options;
    benchmark->options.n_strategies = n_strategies;
    benchmark->options.strategies =
        g_memdup2(strategies, n_strategies * sizeof(*strategies));
    benchmark->options.workers =
        g_memdup2(options->workers, options->n_counts * sizeof(*options->workers));
}

/* Fill the matrix by simulation. */
static void
fill_matrix(DagBenchmark *benchmark)
{
    const DagBenchmarkOptions *options = &benchmark->options;
    size_t n_barriers = 0;

    for (size_t s = 0; s < options->n_strategies; s++)
        n_barriers += has_barrier(options->strategies[s]);
    benchmark->n_total = (options->n_strategies * (1 + options->n_samples) + n_barriers) *
                             options->n_counts +
                         N_EXTRA;
    for (size_t c = 0; c < options->n_counts; c++)
        benchmark->bounds[c] = dag__benchmark_fill_row(benchmark, options->workers[c],
                                                       benchmark_row(benchmark, c));
}

static bool
are_ascending(const unsigned *counts, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (counts[i] <= counts[i - 1])
            return false;
    return n > 0 && counts[0] > 0;
}

DagBenchmark *
dag_benchmark_new(const DagPlan *plan, const DagBenchmarkOptions *options)
{
    g_return_val_if_fail(plan && options && options->workers, NULL);
    g_return_val_if_fail(are_ascending(options->workers, options->n_counts), NULL);
    g_return_val_if_fail(!options->strategies || options->n_strategies > 0, NULL);
    g_return_val_if_fail(!options->run || options->n_samples > 0, NULL);
    g_return_val_if_fail(options->n_samples <= 10000 && options->noise.sigma >= 0, NULL);

    DagBenchmark *benchmark = g_new0(DagBenchmark, 1);

    benchmark->plan = plan;
    copy_options(benchmark, options);
    add_costs(benchmark);
    benchmark->bounds = g_new0(DagBound, options->n_counts);
    benchmark->results =
        g_new0(DagBenchmarkResult, options->n_counts * benchmark->options.n_strategies);
    if (options->run)
        dag__benchmark_measure(benchmark);
    else
        fill_matrix(benchmark);
    dag__benchmark_recommend(benchmark);
    return benchmark;
}

void
dag_benchmark_free(DagBenchmark *benchmark)
{
    if (!benchmark)
        return;
    g_free((gpointer)benchmark->options.strategies);
    g_free((gpointer)benchmark->options.workers);
    g_free(benchmark->bounds);
    g_free(benchmark->results);
    g_free(benchmark->ties);
    g_free(benchmark);
}

const DagPlan *
dag_benchmark_plan(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, NULL);
    return benchmark->plan;
}

size_t
dag_benchmark_n_strategies(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, 0);
    return benchmark->options.n_strategies;
}

size_t
dag_benchmark_n_counts(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, 0);
    return benchmark->options.n_counts;
}

unsigned
dag_benchmark_workers(const DagBenchmark *benchmark, size_t count)
{
    g_return_val_if_fail(benchmark && count < benchmark->options.n_counts, 0);
    return benchmark->options.workers[count];
}

bool
dag_benchmark_is_measured(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, false);
    return benchmark->options.run;
}

DagNoise
dag_benchmark_noise(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, (DagNoise){0});
    return benchmark->options.noise;
}

unsigned
dag_benchmark_n_samples(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, 0);
    return benchmark->options.n_samples;
}

DagBound
dag_benchmark_bound(const DagBenchmark *benchmark, size_t count)
{
    g_return_val_if_fail(benchmark && count < benchmark->options.n_counts, (DagBound){0});
    return benchmark->bounds[count];
}

const DagBenchmarkResult *
dag_benchmark_result(const DagBenchmark *benchmark, size_t strategy, size_t count)
{
    g_return_val_if_fail(benchmark && count < benchmark->options.n_counts, NULL);
    g_return_val_if_fail(strategy < benchmark->options.n_strategies, NULL);
    return &benchmark_row(benchmark, count)[strategy];
}

const DagRecommendation *
dag_benchmark_recommendation(const DagBenchmark *benchmark)
{
    g_return_val_if_fail(benchmark, NULL);
    return &benchmark->recommendation;
}
