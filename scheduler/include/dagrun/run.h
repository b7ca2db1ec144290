/* SPDX-License-Identifier: MIT */
/*
 * One execution of a graph: what happened to each task, and when.  A simulated run is a run
 * too.  Immutable once dag_execute() has returned it; borrows its plan, which must outlive it.
 *
 * Times are nanoseconds of one monotonic clock since the run began.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/strategy.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagRun DagRun; /* what happened */

/* The exit code of what has none: never ran, or was ended before it could exit. */
#define DAG_EXIT_NONE (-1)

/* What happened to one task. */
typedef struct DagRecord {
    int64_t start_ns; /* of the first attempt; -1: never started */
    int64_t end_ns;   /* of the last attempt; -1: never started */
    DagOutcome outcome;
    uint16_t worker;     /* of the last attempt, from 0; meaningless if never started */
    uint16_t n_attempts; /* 0: never started */
    int16_t exit_code;   /* of the last attempt, as in DagCodes; or DAG_EXIT_NONE */
} DagRecord;

/* One try of a task. */
typedef struct DagAttempt {
    int64_t start_ns;
    int64_t end_ns;
    DagOutcome outcome;
    uint16_t worker;
    int16_t exit_code;  /* as in DagCodes, or DAG_EXIT_NONE */
    const char *reason; /* why it did not succeed, or NULL; borrowed from the run */
} DagAttempt;

/* What ended a run before all was done. */
typedef enum DagStop {
    DAG_STOP_NONE,
    DAG_STOP_FAILURE, /* the first failure, without keep_going */
    DAG_STOP_CANCEL,  /* the wish to stop */
    DAG_STOP_TIMEOUT, /* the run's own time limit */
} DagStop;

/* Frees the run, not its plan; NULL is fine. */
void dag_run_free(DagRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagRun, dag_run_free)

/* Returns: what was executed; borrowed. */
const DagPlan *dag_run_plan(const DagRun *run);

/* Returns: the strategy that it was executed with; static. */
const DagStrategy *dag_run_strategy(const DagRun *run);

/* Returns: DagExecuteOptions.seed, as it was given. */
uint64_t dag_run_seed(const DagRun *run);

/* Returns: how many workers there were; no more than tasks, however many were asked for. */
unsigned dag_run_n_workers(const DagRun *run);

/* Return the number of connections; 0 if no task occupies one. */
unsigned dag_run_n_connections(const DagRun *run);

/* Return whether keep_going was set. */
bool dag_run_keeps_going(const DagRun *run);

/* Return the number of further attempts of tasks that declare none. */
unsigned dag_run_retries(const DagRun *run);

/* Return the time from asking a task to end to killing it, nanoseconds. */
int64_t dag_run_grace_ns(const DagRun *run);

/* Return whether the run was simulated, on a virtual clock. */
bool dag_run_is_simulated(const DagRun *run);

/* Returns: what happened to `id`; a copy. */
DagRecord dag_run_record(const DagRun *run, DagTaskId id);

/* Returns: why a task did not succeed, or NULL; borrowed. */
const char *dag_run_reason(const DagRun *run, DagTaskId id);

/* Returns: attempt number `i` of the record's n_attempts, from 0. */
DagAttempt dag_run_attempt(const DagRun *run, DagTaskId id, unsigned i);

/* Nanoseconds for which a task occupied a worker: all attempts, without the pauses between. */
int64_t dag_run_busy_ns(const DagRun *run, DagTaskId id);

/* Returns: the number of tasks that ended so. */
size_t dag_run_count(const DagRun *run, DagOutcome outcome);

/* Returns: whether every task succeeded, or failed and was allowed to. */
bool dag_run_succeeded(const DagRun *run);

/* Returns: the number of tasks that failed or timed out, and were allowed to. */
size_t dag_run_n_allowed(const DagRun *run);

/* Returns: what ended the run first. */
DagStop dag_run_stop(const DagRun *run);

/* Returns: the number of tasks of which not all could be kept that they said: bytes of it were
 * lost, or are missing in the log. */
size_t dag_run_n_lost(const DagRun *run);

/* Returns: how long the run might take, nanoseconds; 0: it was not limited. */
int64_t dag_run_timeout_ns(const DagRun *run);

/* Returns: the signal that stopped the run, or 0. */
int dag_run_signal(const DagRun *run);

/* First start to last end, nanoseconds; 0 if nothing started. */
int64_t dag_run_makespan_ns(const DagRun *run);

/* From the call of dag_execute() to its return, nanoseconds. */
int64_t dag_run_duration_ns(const DagRun *run);

/* Wall-clock time at which the run began, microseconds since 1970, for reports. */
int64_t dag_run_started_us(const DagRun *run);

/* First start to last end among the tasks of a phase; both -1 if none of them started. */
void dag_run_phase_span(const DagRun *run, uint32_t phase, int64_t *start_ns_out,
                        int64_t *end_ns_out);

G_END_DECLS
