/* SPDX-License-Identifier: MIT */
/*
 * The parts of the reports of benchmarks: benchmark-table.c (the tables), benchmark-advice.c (the
 * conclusion in sentences) and benchmark-summary.c (several graphs).
 */
#pragma once

#include <dagrun/benchmark.h>
#include <dagrun/report.h>

/* Return a share in percent, such as "3.2 %"; free with g_free(). */
char *dag__percent(double share);

/* Return the indices of the strategies with a number of workers, the fastest first; ties in the order of
 * the benchmark.  [n_strategies], free with g_free(). */
size_t *dag__benchmark_ranking(const DagBenchmark *benchmark, size_t count);

/* The results of one strategy on several graphs with several numbers of workers. */
typedef struct StrategyTally {
    const DagStrategy *strategy;
    unsigned n;        /* results that succeeded */
    unsigned n_wins;   /* of them, those that no strategy is faster than */
    double mean_ratio; /* geometric mean of makespan / lower bound; infinite if n is 0 */
} StrategyTally;

/* Return a tally for each strategy, the nearest to the bounds first.  All benchmarks have the same
 * strategies.  An array of StrategyTally; free with g_array_unref(). */
GArray *dag__benchmark_tally(const DagBenchmark *const *benchmarks, size_t n);

/* Append the conclusion: the recommendation, the reason, the number of workers that is enough. */
void dag__benchmark_advice(const DagBenchmark *benchmark, DagTextStyle style, GString *out);
