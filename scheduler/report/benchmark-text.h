/* SPDX-License-Identifier: MIT */
/*
 * The parts of the report of a benchmark: benchmark-table.c (the tables) and benchmark-advice.c (the
 * conclusion in sentences).
 */
#pragma once

#include <dagrun/benchmark.h>
#include <dagrun/report.h>

/* Return a share in percent, such as "3.2 %"; free with g_free(). */
char *dag__percent(double share);

/* Return the indices of the strategies with a number of workers, the fastest first; ties in the order of
 * the benchmark.  [n_strategies], free with g_free(). */
size_t *dag__benchmark_ranking(const DagBenchmark *benchmark, size_t count);

/* Append the conclusion: the recommendation, the reason, the number of workers that is enough. */
void dag__benchmark_advice(const DagBenchmark *benchmark, DagTextStyle style, GString *out);
