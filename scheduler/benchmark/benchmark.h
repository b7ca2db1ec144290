/* SPDX-License-Identifier: MIT */
/*
 * The parts of a benchmark: benchmark.c (the matrix of simulations), measure.c (the same by running), and
 * recommend.c (the conclusion).
 */
#pragma once

#include <dagrun/benchmark.h>

struct DagBenchmark {
    const DagPlan *plan;         /* borrowed */
    DagBenchmarkOptions options; /* `strategies` and `workers` are owned copies */
    double worker_cost;          /* sum of the tasks that occupy a worker, seconds */
    double total_cost;           /* of all tasks, seconds */
    DagBound *bounds;            /* [n_counts] */
    DagBenchmarkResult *results; /* [n_counts][n_strategies] */
    DagRecommendation recommendation;
    const DagStrategy **ties; /* of the recommendation */
    DagBound last_bound;      /* with bound_workers, which is 0 at first */
    unsigned bound_workers;
    size_t n_done;   /* simulations */
    size_t n_total;  /* about */
    bool has_pauses; /* of tasks between attempts, in measured runs */
    bool is_over;    /* progress() wants no more */
};

/* Return the row of results with a number of workers, by its index. */
static inline DagBenchmarkResult *
benchmark_row(const DagBenchmark *benchmark, size_t count)
{
    return benchmark->results + count * benchmark->options.n_strategies;
}

/* Return the lower bound of the plan with so many workers, in seconds. */
DagBound dag__benchmark_bound(DagBenchmark *benchmark, unsigned n_workers);

/* Simulate all strategies, with details, and compare them with the bound, which is returned.  `row` is
 * [n_strategies]. */
DagBound dag__benchmark_fill_row(DagBenchmark *benchmark, unsigned n_workers,
                                 DagBenchmarkResult *row);

/* Set the quantiles of a result from makespans, which are sorted. */
void dag__benchmark_summarize(DagBenchmarkResult *result, int64_t *times, unsigned n);

/* Derive the figures that compare a makespan with costs and with a bound. */
void dag__benchmark_compare(const DagBenchmark *benchmark, DagBenchmarkResult *result,
                            const DagBound *bound);

/* Fill the matrix by measuring. */
void dag__benchmark_measure(DagBenchmark *benchmark);

/* Simulate one strategy.  `with_details`: also without barriers and under chance. */
DagBenchmarkResult dag__benchmark_simulate(DagBenchmark *benchmark,
                                           const DagStrategy *strategy, unsigned n_workers,
                                           bool with_details);

/* Draw the conclusion; needs some more simulations. */
void dag__benchmark_recommend(DagBenchmark *benchmark);

/* Return whether two makespans differ by no more than rounding. */
bool dag__benchmark_is_same(int64_t a_ns, int64_t b_ns);
