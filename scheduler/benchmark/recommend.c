/* SPDX-License-Identifier: MIT */
/*
 * The conclusion:
 *
 *   1. Among the numbers of workers of the benchmark, take the least with which the best strategy is
 *      as fast as with any other number, or nearly.
 *   2. Find the least number of workers, of the benchmark or not, that is enough for that strategy.
 *      A larger number may, by chance, be slower (Graham, 1969), so search for the makespan, not
 *      for a number at which it stops to fall.
 *   3. With that number, if the benchmark reaches it, take the best strategy.
 *
 * Of strategies that take the same, also under chance, the one that runs have anyway goes first, then the
 * one that is best with the other numbers of workers, then the first of the table.
 */
#include "benchmark/benchmark.h"

#include <dagrun/execute.h>
#include <string.h>

#define NEARLY 1.01 /* a makespan that is longer by less is not worth a worker */

bool
dag__benchmark_is_same(int64_t a_ns, int64_t b_ns)
{
    int64_t larger = MAX(a_ns, b_ns), smaller = MIN(a_ns, b_ns);

    /* Each end of a task is rounded to a nanosecond. */
    return larger - smaller <= MAX(larger / 1000000000, 1);
}

static bool
is_nearly(int64_t ns, int64_t best_ns)
{
    return (double)ns <= NEARLY * (double)best_ns || dag__benchmark_is_same(ns, best_ns);
}

/* Return the strategy that runs have without an option. */
static const DagStrategy *
usual_strategy(const DagBenchmark *benchmark)
{
    const char *declared = dag_graph_strategy(dag_plan_graph(benchmark->plan));
    const DagStrategy *found = declared ? dag_strategy_find(declared) : NULL;

    return found ? found : dag_strategies()[0];
}

/* Return whether the strategy may be recommended: it is not good or bad by chance, and succeeds. */
static bool
is_candidate(const DagBenchmarkResult *result)
{
    return result->has_run && result->succeeded &&
           strcmp(result->strategy->name, "random") != 0;
}

/* Return the least makespan of the row, or INT64_MAX if no strategy succeeded. */
static int64_t
least_ns(const DagBenchmarkResult *row, size_t n)
{
    int64_t least = INT64_MAX;

    for (size_t s = 0; s < n; s++)
        if (is_candidate(&row[s]))
            least = MIN(least, row[s].makespan_ns);
    return least;
}

/* Return by how much longer a strategy takes than the best one, as shares added up over all numbers of
 * workers. */
static double
regret(const DagBenchmark *benchmark, size_t strategy)
{
    double sum = 0;

    for (size_t c = 0; c < benchmark->options.n_counts; c++) {
        const DagBenchmarkResult *row = benchmark_row(benchmark, c);
        int64_t least = least_ns(row, benchmark->options.n_strategies);

        if (least == INT64_MAX || least == 0 || !row[strategy].succeeded)
            continue;
        sum += (double)row[strategy].makespan_ns / (double)least - 1;
    }
    return sum;
}

/* Return the least median under chance among the strategies that take `ns`; 0 if none has samples,
 * as one that searches never has. */
static int64_t
least_median_ns(const DagBenchmarkResult *row, size_t n, int64_t ns)
{
    int64_t least = INT64_MAX;

    for (size_t s = 0; s < n; s++)
        if (is_candidate(&row[s]) && row[s].n_succeeded > 0 &&
            dag__benchmark_is_same(row[s].makespan_ns, ns))
            least = MIN(least, row[s].median_ns);
    return least == INT64_MAX ? 0 : least;
}

/* Return the index of the best strategy of a row, or n_strategies if none succeeded. */
static size_t
best_of(const DagBenchmark *benchmark, const DagBenchmarkResult *row)
{
    const DagStrategy *usual = usual_strategy(benchmark);
    size_t n = benchmark->options.n_strategies, best = n;
    int64_t least = least_ns(row, n);
    int64_t median = least_median_ns(row, n, least);
    double best_regret = 0;

    for (size_t s = 0; s < n; s++) {
        double its_regret = row[s].strategy == usual ? -1 : regret(benchmark, s);

        if (!is_candidate(&row[s]) || !dag__benchmark_is_same(row[s].makespan_ns, least) ||
            (median > 0 &&
             (row[s].n_succeeded == 0 || !is_nearly(row[s].median_ns, median))))
            continue;
        if (best == n || its_regret < best_regret - 1e-9) {
            best = s;
            best_regret = its_regret;
        }
    }
    return best;
}

/* Return the index of the least number of workers with which some strategy is nearly the best of all. */
static size_t
best_count(const DagBenchmark *benchmark)
{
    size_t n = benchmark->options.n_strategies, c = 0;
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < benchmark->options.n_counts; i++)
        least = MIN(least, least_ns(benchmark_row(benchmark, i), n));
    while (least < INT64_MAX && !is_nearly(least_ns(benchmark_row(benchmark, c), n), least))
        c++;
    return c;
}

/* Return the number of workers with which each ready task has one, at most what a run can have. */
static unsigned
plenty(const DagBenchmark *benchmark)
{
    const DagGraph *graph = dag_plan_graph(benchmark->plan);
    size_t n = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        n += dag_graph_task_kind(graph, id)->occupies == DAG_OCCUPIES_WORKER;
    return (unsigned)CLAMP(n, 1, UINT16_MAX);
}

static int64_t
makespan_ns(DagBenchmark *benchmark, const DagStrategy *strategy, unsigned n_workers)
{
    DagBenchmarkResult result =
        dag__benchmark_simulate(benchmark, strategy, n_workers, false);

    return result.has_run ? result.makespan_ns : -1;
}

/* Set the largest number of workers of the benchmark below `*high` that is not enough, and the least one
 * that is. */
static void
narrow(const DagBenchmark *benchmark, size_t strategy, int64_t least, unsigned *low,
       unsigned *high)
{
    for (size_t c = 0; c < benchmark->options.n_counts; c++) {
        unsigned n_workers = benchmark->options.workers[c];
        int64_t ns = benchmark_row(benchmark, c)[strategy].makespan_ns;

        if (n_workers < *high && is_nearly(ns, least))
            *high = n_workers;
        else if (n_workers < *high)
            *low = MAX(*low, n_workers);
    }
}

/* Find the number of workers that is enough for a strategy. */
static void
find_enough(DagBenchmark *benchmark, size_t strategy)
{
    DagRecommendation *it = &benchmark->recommendation;
    const DagStrategy *which = benchmark->options.strategies[strategy];
    unsigned low = 0, high = plenty(benchmark);
    int64_t least = makespan_ns(benchmark, which, high), ns = least;

    for (size_t c = 0; c < benchmark->options.n_counts && least >= 0; c++)
        least = MIN(least, benchmark_row(benchmark, c)[strategy].makespan_ns);
    narrow(benchmark, strategy, least, &low, &high);
    while (ns >= 0 && high - low > 1) {
        unsigned middle = low + (high - low) / 2;

        ns = makespan_ns(benchmark, which, middle);
        if (ns >= 0 && is_nearly(ns, least))
            high = middle;
        else
            low = middle;
    }
    if (ns < 0)
        return;
    it->enough = high;
    it->enough_ns = makespan_ns(benchmark, which, high);
}

/* Return whether two results of a row cannot be told apart. */
static bool
is_tie(const DagBenchmark *benchmark, const DagBenchmarkResult *best,
       const DagBenchmarkResult *other)
{
    if (benchmark->options.run)
        return other->makespan_ns >= best->least_ns && other->makespan_ns <= best->most_ns;
    return dag__benchmark_is_same(other->makespan_ns, best->makespan_ns);
}

/* Find the strategy that does best under chance, if it is not the best without. */
static void
find_steadier(DagBenchmark *benchmark, const DagBenchmarkResult *row)
{
    DagRecommendation *it = &benchmark->recommendation;
    int64_t least = it->best.median_ns;

    if (it->best.n_succeeded == 0 || benchmark->options.run)
        return;
    for (size_t s = 0; s < benchmark->options.n_strategies; s++) {
        if (!is_candidate(&row[s]) || row[s].n_succeeded == 0 ||
            row[s].median_ns >= least || is_nearly(it->best.median_ns, row[s].median_ns))
            continue;
        least = row[s].median_ns;
        it->steadier = row[s];
    }
}

/* Fill the recommendation from a row, whose number of workers has this bound. */
static void
conclude(DagBenchmark *benchmark, const DagBenchmarkResult *row, DagBound bound)
{
    DagRecommendation *it = &benchmark->recommendation;
    const DagStrategy *usual = usual_strategy(benchmark);
    size_t n = benchmark->options.n_strategies, best = best_of(benchmark, row);

    if (best == n)
        return;
    it->best = row[best];
    it->bound = bound;
    it->is_usual = row[best].strategy == usual;
    benchmark->ties = g_new(const DagStrategy *, n);
    it->ties = benchmark->ties;
    for (size_t s = 0; s < n; s++) {
        if (row[s].strategy == usual)
            it->usual = row[s];
        if (s != best && row[s].has_run && row[s].succeeded &&
            is_tie(benchmark, &it->best, &row[s]))
            benchmark->ties[it->n_ties++] = row[s].strategy;
    }
    find_steadier(benchmark, row);
}

/* Conclude from a number of workers that is not in the benchmark. */
static void
conclude_between(DagBenchmark *benchmark, unsigned n_workers)
{
    size_t n = benchmark->options.n_strategies;
    g_autofree DagBenchmarkResult *row = g_new0(DagBenchmarkResult, n);

    DagBound bound = dag__benchmark_fill_row(benchmark, n_workers, row);

    if (!benchmark->is_over)
        conclude(benchmark, row, bound);
}

/* Return the index of the strategy whose number of workers is searched for: the best one or, if each of its
 * simulations is a search, the fastest that does not search. */
static size_t
quick_strategy(const DagBenchmark *benchmark, size_t count, size_t best)
{
    const DagBenchmarkResult *row = benchmark_row(benchmark, count);
    size_t quick = best;

    for (size_t s = 0; s < benchmark->options.n_strategies; s++)
        if (is_candidate(&row[s]) && !row[s].strategy->solve &&
            (row[quick].strategy->solve || row[s].makespan_ns < row[quick].makespan_ns))
            quick = s;
    return quick;
}

void
dag__benchmark_recommend(DagBenchmark *benchmark)
{
    const DagBenchmarkOptions *options = &benchmark->options;
    size_t count = best_count(benchmark);
    size_t strategy = best_of(benchmark, benchmark_row(benchmark, count));
    unsigned enough;

    if (benchmark->is_over || strategy == options->n_strategies)
        return;
    if (options->run) {
        conclude(benchmark, benchmark_row(benchmark, count), benchmark->bounds[count]);
        return;
    }
    find_enough(benchmark, quick_strategy(benchmark, count, strategy));
    enough = benchmark->recommendation.enough;
    if (enough == 0)
        return;
    if (enough <= options->workers[options->n_counts - 1])
        for (count = 0; options->workers[count] < enough;)
            count++;
    if (enough < options->workers[count])
        conclude_between(benchmark, enough);
    else
        conclude(benchmark, benchmark_row(benchmark, count), benchmark->bounds[count]);
}
