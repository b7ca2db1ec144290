/* SPDX-License-Identifier: MIT */
/*
 * The inside of a run, for those that fill it.
 */
#pragma once

#include <dagrun/run.h>

struct DagRun {
    const DagPlan *plan;
    const DagStrategy *strategy;
    uint64_t seed;
    unsigned n_workers;
    bool keeps_going;
    DagRecord *records; /* [n_tasks]; each written by the worker that runs the task */
    char **reasons; /* [n_tasks]; each written before the task's end is told; mostly NULL */
    bool has_reasons; /* protected by the executor's lock until the run has ended */
    size_t counts[DAG_N_OUTCOMES];
    int signal_number;
    int64_t started_us;
    int64_t makespan_ns;
    int64_t duration_ns;
};

/* Returns: a run in which nothing has started yet. */
DagRun *dag__run_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                     unsigned n_workers);

/* Takes `reason`. */
void dag__run_take_reason(DagRun *run, DagTaskId id, char *reason);

/* Counts outcomes and measures, once all tasks are settled. */
void dag__run_finish(DagRun *run, int64_t duration_ns, int signal_number);
