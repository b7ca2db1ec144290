/* SPDX-License-Identifier: MIT */
/*
 * A comparison of strategies on one plan: every strategy with several numbers of workers, by
 * simulation, and the conclusion from it: a strategy, a number of workers, and the reason.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/replay.h>
#include <dagrun/run.h>
#include <dagrun/simulate.h>
#include <dagrun/strategy.h>

G_BEGIN_DECLS

typedef struct DagBenchmark DagBenchmark; /* immutable; borrows its plan */

/* The content of a benchmark. */
typedef struct DagBenchmarkOptions {
    /* [n_strategies]; NULL: all of dag_strategies() */
    const DagStrategy *const *strategies;
    size_t n_strategies; /* how many there are */
    /* [n_counts], each at least 1; ascending, without duplicates */
    const unsigned *workers;
    size_t n_counts;         /* at least 1 */
    unsigned n_connections;  /* 0: DAG_DEFAULT_CONNECTIONS */
    unsigned retries;        /* attempts after the first, of tasks that declare none */
    uint64_t seed;           /* for strategies that draw random numbers */
    int64_t budget_ns;       /* of each search of strategies that search; 0: their own */
    const DagCancel *cancel; /* ends a search of a simulation; NULL: none */

    /* Simulate the attempts of this run, with its connections, seed and retries where those above are 0;
     * samples vary their durations.  NULL: simulations follow the costs of the plan. */
    DagReplay *replay;

    /* Repeat each simulation n_samples times under chance, with other numbers each time.  Strategies
     * know the costs of the plan only. */
    DagNoise noise;
    unsigned n_samples; /* 0: not at all; at most 10000 */

    /* Measure instead of simulating: run the plan, n_samples times for each result, in turns and in random
     * order, after one run that is not counted.  Without noise.
     * Returns: the run, or NULL to end early. */
    DagRun *(*run)(const DagPlan *plan, const DagStrategy *strategy, unsigned n_workers,
                   void *data);

    /* Called now and then with the number of simulations done, and how many there will be about.
     * NULL: nothing is called.
     * Returns: false to end early; results that are missing then have no run. */
    bool (*progress)(size_t n_done, size_t n_total, void *data);
    void *data; /* passed to run() and progress() */
} DagBenchmarkOptions;

/* One strategy with one number of workers.  Times are nanoseconds. */
typedef struct DagBenchmarkResult {
    const DagStrategy *strategy;
    unsigned n_workers;
    bool has_run;   /* false: the benchmark ended early */
    bool succeeded; /* no task failed, for instance because its cost exceeds its timeout */
    DagSearch search; /* of a strategy that searches; if measured, that of its last run */
    int64_t makespan_ns;
    int64_t idle_ns; /* time without work, all workers added up */
    /* Makespan of the same order without barriers; -1: the strategy has none. */
    int64_t unbarred_ns;
    double speed_up;   /* cost of all tasks, divided by the makespan; 0: it takes no time */
    double efficiency; /* the share of the workers' time that was work, 0 to 1 */
    double excess;     /* by which the makespan exceeds the lower bound, as its share */
    /* Makespans of the samples that succeeded: half of them are no longer than the median, and
     * 19 of 20 no longer than late_ns.  If they were measured, makespan_ns is the median. */
    int64_t median_ns;
    int64_t late_ns;
    int64_t least_ns;
    int64_t most_ns;
    unsigned n_succeeded; /* samples; 0: the two makespans are not known */
} DagBenchmarkResult;

/* The conclusion from a benchmark. */
typedef struct DagRecommendation {
    DagBenchmarkResult best; /* best.strategy is NULL if no strategy succeeded */
    DagBound bound;          /* with so many workers; the duration is seconds */
    /* [n_ties]: others that take the same or, if measured, whose median is within the range of the
     * best; borrowed. */
    const DagStrategy *const *ties;
    size_t n_ties;
    /* The strategy that runs have anyway, the graph's or the default, with so many workers; strategy
     * NULL: the benchmark does not have it. */
    DagBenchmarkResult usual;
    bool is_usual; /* it is the best */
    /* The least number of workers with which this strategy is not 1 % longer than with any larger
     * number; 0: not known.  It may be more than the largest number of the benchmark. */
    unsigned enough;
    int64_t enough_ns; /* the makespan then */
    /* The strategy with the shortest median under chance, with as many workers as the best, if it is
     * shorter than that of the best by 1 % or more; strategy NULL: none. */
    DagBenchmarkResult steadier;
} DagRecommendation;

/*
 * Compare the strategies.  Cannot fail.  Calls back on the caller's thread.  Cost: one or two
 * simulations and the samples for each strategy and number of workers, and some 20 more.
 *
 * Returns: the benchmark; free with dag_benchmark_free(), before the plan.
 */
DagBenchmark *dag_benchmark_new(const DagPlan *plan, const DagBenchmarkOptions *options);

/* Free a benchmark, not its plan; NULL is fine. */
void dag_benchmark_free(DagBenchmark *benchmark);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagBenchmark, dag_benchmark_free)

/* Return the plan; borrowed. */
const DagPlan *dag_benchmark_plan(const DagBenchmark *benchmark);

/* Return how many strategies were compared, and with how many numbers of workers. */
size_t dag_benchmark_n_strategies(const DagBenchmark *benchmark);

/* Return how many numbers of workers were compared. */
size_t dag_benchmark_n_counts(const DagBenchmark *benchmark);

/* Return the number of workers number `count`, from 0. */
unsigned dag_benchmark_workers(const DagBenchmark *benchmark, size_t count);

/* Return whether the benchmark was measured, not simulated. */
bool dag_benchmark_is_measured(const DagBenchmark *benchmark);

/* Return the noise and the number of samples of the options. */
DagNoise dag_benchmark_noise(const DagBenchmark *benchmark);

/* Return the number of samples under chance of each result; 0: none were taken. */
unsigned dag_benchmark_n_samples(const DagBenchmark *benchmark);

/* Return the largest known lower bound with this number of workers, in seconds: that of
 * dag_plan_best_bound() or of a search of the benchmark or, if it was measured, of the durations. */
DagBound dag_benchmark_bound(const DagBenchmark *benchmark, size_t count);

/* Return the result of a strategy (from 0, in the order of the options) with a number of workers (from
 * 0); borrowed. */
const DagBenchmarkResult *dag_benchmark_result(const DagBenchmark *benchmark,
                                               size_t strategy, size_t count);

/* Return the conclusion; borrowed. */
const DagRecommendation *dag_benchmark_recommendation(const DagBenchmark *benchmark);

G_END_DECLS
