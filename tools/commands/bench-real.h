/* SPDX-License-Identifier: MIT */
/*
 * Real runs for dagrun bench.
 */
#pragma once

#include <dagrun/benchmark.h>
#include <dagrun/tasks.h>

/* The state of the runs of one graph. */
typedef struct BenchRuns {
    DagTasks *tasks;   /* NULL: the graph is not run, but simulated */
    DagCancel *cancel; /* raised: the comparison ends */
    unsigned retries;
    unsigned n_connections; /* 0: the default */
    uint64_t seed;
    int64_t budget_ns;
    int status; /* EXIT_GOOD as long as all runs succeed */
} BenchRuns;

/* Print that a signal ended the comparison, and set the status. */
void bench_runs_cancelled(BenchRuns *runs);

/* Run the plan once, without printing output of tasks.
 * Returns: NULL after an error message, with runs->status set. */
DagRun *bench_run(BenchRuns *runs, const DagPlan *plan, const DagStrategy *strategy,
                  unsigned n_workers);
