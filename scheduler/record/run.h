/* SPDX-License-Identifier: MIT */
/*
 * The private part of a run, which the recorder fills.  Used under the lock of the driver until the
 * run is complete; read-only from then on.
 */
#pragma once

#include "record/records.h"
#include "record/traffic.h"

#include <dagrun/run.h>
#include <stdatomic.h>

/* Data that few tasks have. */
typedef struct Note {
    char *reason;     /* owned, or NULL */
    char *reuse;      /* owned, or NULL; dag_run_reuse() */
    GArray *attempts; /* of DagAttempt, owned; NULL: there was only one */
    Traffic *traffic; /* owned, or NULL: it sent no request */
    bool is_lost;     /* text of the task is missing in its transcript or log */
} Note;

struct DagRun {
    const DagPlan *plan;
    const DagStrategy *strategy;
    DagSearch search;
    uint64_t seed;
    unsigned n_workers;
    unsigned n_connections; /* 0: no task occupies one */
    bool keep_going;
    unsigned retries; /* of tasks that declare none */
    Records records;
    /* [n_tasks]; NULL until a task has one.  Written before the end of the task is emitted, so an
     * observer may read the notes of a task after that event. */
    _Atomic(Note *) notes;
    size_t n_lost;                 /* tasks with an incomplete transcript or log */
    size_t counts[DAG_N_OUTCOMES]; /* of tasks that have ended */
    size_t n_allowed;              /* failures that were allowed */
    int64_t first_ns, last_ns;     /* first start, last end; INT64_MAX, -1: nothing ran */
    unsigned stops;                /* the reasons for which it stopped: 1 << DagStop each */
    GArray *failed; /* of DagTaskId, owned: the failures that were not allowed, or NULL */
    DagTraffic traffic; /* of all tasks that have ended */
    int signal_number;
    int64_t timeout_ns; /* 0: not limited */
    int64_t grace_ns;
    bool is_simulated;
    int64_t started_us;
    int64_t makespan_ns;
    int64_t duration_ns;
};

/* Return a run in which nothing has started, with records for `n_writers` writers. */
DagRun *dag__run_new(const DagPlan *plan, unsigned n_writers);

/* Replace the reason of a task; `reason` may be NULL.  Takes `reason`. */
void dag__run_take_reason(DagRun *run, DagTaskId id, char *reason);

/* Set the text of dag_run_reuse().  Takes `reuse`, which may be NULL. */
void dag__run_take_reuse(DagRun *run, DagTaskId id, char *reuse);

/* Add an attempt of a task that has several.  Takes its reason. */
void dag__run_take_attempt(DagRun *run, DagTaskId id, const DagAttempt *attempt);

/* Add traffic to that of a task.  Takes `traffic`, which may be NULL. */
void dag__run_take_traffic(DagRun *run, DagTaskId id, Traffic *traffic);

/* Count the outcome of a task. */
void dag__run_count(DagRun *run, DagTaskId id, DagOutcome outcome);

/* Return the outcome of the run so far: of the reason to stop, else whether a task failed that was not
 * allowed to. */
DagOutcome dag__run_outcome(const DagRun *run);

/* Extend the span of the run by an attempt between the two times. */
void dag__run_extend(DagRun *run, int64_t start_ns, int64_t end_ns);

/* Count a task whose transcript or log is incomplete, once. */
void dag__run_count_lost(DagRun *run, DagTaskId id);

/* Complete the run. */
void dag__run_finish(DagRun *run, int64_t duration_ns, int signal_number);
