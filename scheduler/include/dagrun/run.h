/* SPDX-License-Identifier: MIT */
/*
 * The record of one execution or simulation of a plan: the outcome and the times of each task.
 * Immutable once dag_execute() or dag_simulate() has returned it.  Borrows its plan, which must
 * outlive it.
 *
 * Times are nanoseconds of one monotonic clock since the run began.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/strategy.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagRun DagRun; /* the record of one execution */

/* The exit code of a task that has none: it never ran, or ended without exiting. */
#define DAG_EXIT_NONE (-1)

/* The record of one task. */
typedef struct DagRecord {
    int64_t start_ns; /* of the first attempt; -1: never started */
    int64_t end_ns;   /* of the last attempt; -1: never started */
    DagOutcome outcome;
    /* Number of the worker, or of the connection for a kind that occupies one, of the last
     * attempt, from 0; meaningless if never started. */
    uint16_t worker;
    uint16_t n_attempts; /* 0: never started */
    /* Of the last attempt: 0 to 255, 128 + n for the end by signal n; or DAG_EXIT_NONE. */
    int16_t exit_code;
} DagRecord;

/* One attempt of a task. */
typedef struct DagAttempt {
    int64_t start_ns;
    int64_t end_ns;
    DagOutcome outcome;
    uint16_t worker;
    int16_t exit_code;  /* as in DagCodes, or DAG_EXIT_NONE */
    const char *reason; /* why it did not succeed, or NULL; borrowed from the run */
} DagAttempt;

/* Why a run ended before every task had run.  If several apply, the greatest is told. */
typedef enum DagStop {
    DAG_STOP_NONE,
    /* The first failure, without keep_going; or a task that ended as cancelled by itself. */
    DAG_STOP_FAILURE,
    DAG_STOP_CANCEL,  /* the run was cancelled */
    DAG_STOP_TIMEOUT, /* the run's own time limit */
} DagStop;

/* The result of a strategy that searches for a schedule.  All of it holds for the declared costs. */
typedef struct DagSearch {
    bool is_search;  /* false: the strategy does not search; all else is 0 */
    bool is_optimal; /* no schedule is shorter */
    /* Its time was used up before it knew.  If it is neither this nor optimal, the strategy could not search
     * this graph, and fell back to another order. */
    bool is_over_budget;
    double lower_bound; /* seconds: no schedule is shorter */
} DagSearch;

/* Free the run, not its plan.  NULL is fine. */
void dag_run_free(DagRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagRun, dag_run_free)

/* Return the plan that was executed; borrowed. */
const DagPlan *dag_run_plan(const DagRun *run);

/* Return the strategy of the run; borrowed. */
const DagStrategy *dag_run_strategy(const DagRun *run);

/* Return the result of the search, if the strategy searches. */
DagSearch dag_run_search(const DagRun *run);

/* Return the seed that was passed in the options. */
uint64_t dag_run_seed(const DagRun *run);

/* Return the number of workers, at most the number of tasks. */
unsigned dag_run_n_workers(const DagRun *run);

/* Return the number of connections; 0 if no task occupies one. */
unsigned dag_run_n_connections(const DagRun *run);

/* Return true if keep_going was set. */
bool dag_run_keeps_going(const DagRun *run);

/* Return the number of further attempts of tasks that declare none. */
unsigned dag_run_retries(const DagRun *run);

/* Return the time from asking a task to end to killing it, nanoseconds. */
int64_t dag_run_grace_ns(const DagRun *run);

/* Return true if the run was simulated, on a virtual clock. */
bool dag_run_is_simulated(const DagRun *run);

/* Return a copy of the record of `id`. */
DagRecord dag_run_record(const DagRun *run, DagTaskId id);

/* Return the reason why a task did not succeed, or NULL; borrowed. */
const char *dag_run_reason(const DagRun *run, DagTaskId id);

/* Return where the result of a task that is DAG_REUSED came from; of another one, the reason why none
 * was taken over, such as "script changed"; NULL: there is nothing to say.  Borrowed. */
const char *dag_run_reuse(const DagRun *run, DagTaskId id);

/* Return attempt `i` of a task, from 0 to DagRecord.n_attempts - 1. */
DagAttempt dag_run_attempt(const DagRun *run, DagTaskId id, unsigned i);

/* Return the nanoseconds for which a task occupied its worker or connection: all attempts, without
 * the pauses between them. */
int64_t dag_run_busy_ns(const DagRun *run, DagTaskId id);

/* Return the number of tasks with this outcome. */
size_t dag_run_count(const DagRun *run, DagOutcome outcome);

/* Return true if every task succeeded, was reused, or failed and was allowed to, and neither a cancellation nor
 * the time limit stopped the run. */
bool dag_run_succeeded(const DagRun *run);

/* Return the number of tasks that failed or timed out, and were allowed to. */
size_t dag_run_n_allowed(const DagRun *run);

/* Return the greatest of the reasons for which the run stopped. */
DagStop dag_run_stop(const DagRun *run);

/* Return whether the run stopped for this reason, perhaps among others.  DAG_STOP_NONE: for none. */
bool dag_run_stopped_by(const DagRun *run, DagStop reason);

/* Return the number of tasks whose output is incomplete: bytes were lost, or are missing in the
 * log. */
size_t dag_run_n_lost(const DagRun *run);

/* Return the run's time limit in nanoseconds, or 0 if it had none. */
int64_t dag_run_timeout_ns(const DagRun *run);

/* Return the signal that the run was cancelled with, or 0.  It may have come after the last task had
 * ended, while events were still being delivered. */
int dag_run_signal(const DagRun *run);

/* Return the time from the first start to the last end, nanoseconds; 0 if no task started. */
int64_t dag_run_makespan_ns(const DagRun *run);

/* Return the time from the call of dag_execute() to the end of the last task, nanoseconds. */
int64_t dag_run_duration_ns(const DagRun *run);

/* Return the wall-clock time at which the run began, microseconds since 1970, for reports. */
int64_t dag_run_started_us(const DagRun *run);

/* Set the first start and the last end among the tasks of a phase; both -1 if none started. */
void dag_run_phase_span(const DagRun *run, uint32_t phase, int64_t *start_ns_out,
                        int64_t *end_ns_out);

G_END_DECLS
