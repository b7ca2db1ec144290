/* SPDX-License-Identifier: MIT */
/*
 * The inside of a run, for those that fill it.
 */
#pragma once

#include "record/records.h"

#include <dagrun/run.h>
#include <stdatomic.h>

/* What there is to know of few tasks. */
typedef struct Note {
    char *reason;     /* owned, or NULL */
    GArray *attempts; /* of DagAttempt, owned; NULL: none was to be followed by another */
} Note;

struct DagRun {
    const DagPlan *plan;
    const DagStrategy *strategy;
    uint64_t seed;
    unsigned n_workers;
    unsigned n_connections; /* 0: no task occupies one */
    bool keeps_going;
    unsigned retries; /* of tasks that declare none */
    int64_t grace_ns; /* 0: none */
    Records records;
    /* [n_tasks]; NULL until there is one.  Each is written before the task's end is told, under
     * the executor's lock. */
    _Atomic(Note *) notes;
    size_t n_lost; /* protected by that lock, as the next, until the run has ended */
    size_t counts[DAG_N_OUTCOMES]; /* of settled tasks */
    size_t n_allowed;
    int64_t first_ns, last_ns; /* start and end of what has run; INT64_MAX, -1: nothing */
    DagStop stop;
    int signal_number;
    int64_t timeout_ns; /* 0: not limited */
    int64_t started_us;
    int64_t makespan_ns;
    int64_t duration_ns;
};

/* Returns: a run in which nothing has started yet. */
DagRun *dag__run_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                     unsigned n_workers);

/* Takes `reason`, or NULL; forgets the one before. */
void dag__run_take_reason(DagRun *run, DagTaskId id, char *reason);

/*
 * Adds an attempt of a task that has had, or will have, another.  Takes its reason.
 * Under the lock of whoever fills the run.
 */
void dag__run_take_attempt(DagRun *run, DagTaskId id, const DagAttempt *attempt);

/* Counts a task that is settled; under the lock of whoever fills the run. */
void dag__run_count(DagRun *run, DagTaskId id, DagOutcome outcome);

/* Tells that something has run, from then to then; under the same lock. */
void dag__run_extend(DagRun *run, int64_t start_ns, int64_t end_ns);

/* Notes how long it all took, once all tasks are settled. */
void dag__run_finish(DagRun *run, int64_t duration_ns, int signal_number);
