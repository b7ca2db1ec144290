/* SPDX-License-Identifier: MIT */
/*
 * Several benchmarks as one: how far each strategy is from the lower bounds of all graphs, and how often
 * none is faster.
 */
#include "report/benchmark-text.h"
#include "report/table.h"

#include <math.h>

/* Return the least makespan with a number of workers, or INT64_MAX. */
static int64_t
least_ns(const DagBenchmark *benchmark, size_t count)
{
    int64_t least = INT64_MAX;

    for (size_t s = 0; s < dag_benchmark_n_strategies(benchmark); s++) {
        const DagBenchmarkResult *result = dag_benchmark_result(benchmark, s, count);

        if (result->succeeded)
            least = MIN(least, result->makespan_ns);
    }
    return least;
}

/* Add the results of one strategy on one graph.  `mean_ratio` is a sum of logarithms until the end. */
static void
add_results(StrategyTally *tally, const DagBenchmark *benchmark, size_t strategy)
{
    for (size_t c = 0; c < dag_benchmark_n_counts(benchmark); c++) {
        const DagBenchmarkResult *result = dag_benchmark_result(benchmark, strategy, c);

        if (!result->succeeded)
            continue;
        tally->n++;
        tally->mean_ratio += log1p(result->excess);
        tally->n_wins += result->makespan_ns <= least_ns(benchmark, c);
    }
}

static gint
compare_tallies(gconstpointer a, gconstpointer b)
{
    double x = ((const StrategyTally *)a)->mean_ratio;
    double y = ((const StrategyTally *)b)->mean_ratio;

    return x < y ? -1 : x > y;
}

GArray *
dag__benchmark_tally(const DagBenchmark *const *benchmarks, size_t n)
{
    GArray *tallies = g_array_new(FALSE, TRUE, sizeof(StrategyTally));
    size_t n_strategies = n > 0 ? dag_benchmark_n_strategies(benchmarks[0]) : 0;

    g_array_set_size(tallies, (guint)n_strategies);
    for (size_t s = 0; s < n_strategies; s++) {
        StrategyTally *tally = &g_array_index(tallies, StrategyTally, s);

        tally->strategy = dag_benchmark_result(benchmarks[0], s, 0)->strategy;
        for (size_t i = 0; i < n; i++)
            add_results(tally, benchmarks[i], s);
        tally->mean_ratio =
            tally->n > 0 ? exp(tally->mean_ratio / (double)tally->n) : (double)INFINITY;
    }
    g_array_sort(tallies, compare_tallies);
    return tallies;
}

static void
tally_rows(Table *table, const void *data)
{
    const GArray *tallies = data;

    for (guint i = 0; i < tallies->len; i++) {
        const StrategyTally *tally = &g_array_index(tallies, StrategyTally, i);

        dag__table_text(table, TONE_PLAIN, tally->strategy->name);
        if (tally->n > 0)
            dag__table_cell(table, TONE_BOLD, "%.3f", tally->mean_ratio);
        else
            dag__table_text(table, TONE_DIM, "–");
        dag__table_cell(table, TONE_PLAIN, "%u of %u", tally->n_wins, tally->n);
    }
}

void
dag_report_benchmarks_summary(const DagBenchmark *const *benchmarks, size_t n,
                              DagTextStyle style, GString *out)
{
    static const Column columns[] = {
        {"strategy", false}, {"makespan / bound", true}, {"none is faster", true}};

    g_return_if_fail((benchmarks || n == 0) && out);

    g_autoptr(GArray) tallies = dag__benchmark_tally(benchmarks, n);

    dag__text_line(
        out, style, TONE_BOLD,
        "%zu graphs: geometric mean of makespan / lower bound, over all graphs and "
        "numbers of workers",
        n);
    dag__table_write(&(TableSpec){columns, G_N_ELEMENTS(columns), tally_rows, tallies},
                     style, out);
}
