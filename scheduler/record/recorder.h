/* SPDX-License-Identifier: MIT */
/*
 * The recorder is the only writer of a run: of its records, attempts, counts and events.  Every
 * driver, on a real or a virtual clock, reports starts and ends to it.
 *
 * Times are nanoseconds since the run began.  Recorded times do not run backwards: the time of a
 * phase, of the end of the run, or of the end of a task that never ran or is not tried again is at least
 * the latest recorded time.
 *
 * Not thread-safe: used under the lock of the driver.  Only RecordWriter is used without it, each
 * by one thread (records.h).
 */
#pragma once

#include "record/events.h"
#include "record/run.h"

/* One attempt of a task, which has ended. */
typedef struct AttemptEnd {
    DagTaskId task;
    unsigned attempt; /* from 1 */
    int64_t start_ns;
    int64_t end_ns;
    DagOutcome outcome;
    bool is_final;        /* no other attempt follows a failure */
    int exit_code;        /* or DAG_EXIT_NONE */
    uint16_t unit;        /* number of the worker or connection */
    char *reason;         /* owned, or NULL */
    char *reuse;          /* for dag_run_reuse(); owned, or NULL */
    DagSpool *transcript; /* owned, or NULL */
    Traffic *traffic;     /* owned, or NULL */
    bool has_tokens;      /* the next is known; otherwise the estimate stands */
    uint64_t tokens;      /* used */
} AttemptEnd;

typedef struct Recorder {
    DagRun *run;         /* owned until dag__recorder_take_run() */
    RecordWriter writer; /* for all records that are written under the lock */
    GArray *events;      /* of Event, not yet delivered; owned */
    bool has_observers;  /* otherwise no events are recorded */
    int64_t latest_ns;   /* the latest time recorded so far */
} Recorder;

/* The settings of a run; see the accessors of DagRun. */
typedef struct RunSetup {
    const DagStrategy *strategy;
    uint64_t seed;
    DagMachine machine;
    bool keep_going;
    unsigned retries;
    int64_t timeout_ns;
    int64_t grace_ns;
    bool is_simulated;
} RunSetup;

/* Set up a recorder with a new run.  `n_writers`: RecordWriters besides its own. */
void dag__recorder_init(Recorder *recorder, const DagPlan *plan, const RunSetup *setup,
                        unsigned n_writers, bool has_observers);

/* Free the recorder, and the run unless it was taken. */
void dag__recorder_clear(Recorder *recorder);

/* Record the number of workers, if it is not that of the setup. */
void dag__recorder_set_workers(Recorder *recorder, unsigned n_workers);

/* Take the events recorded so far; `spare` is an empty list, which gets those that follow.  Both lists are
 * those of dag__events_new(). */
GArray *dag__recorder_take_events(Recorder *recorder, GArray *spare);

/* Record what the strategy found. */
void dag__recorder_searched(Recorder *recorder, const DagSchedule *schedule);

void dag__recorder_run_started(Recorder *recorder);
void dag__recorder_phase_began(Recorder *recorder, uint32_t phase, int64_t now_ns);
void dag__recorder_phase_ended(Recorder *recorder, uint32_t phase, int64_t now_ns);

/* Record the start of an attempt. */
void dag__recorder_started(Recorder *recorder, DagTaskId task, unsigned attempt,
                           int64_t start_ns);

/* Record the end of the text that processes of a task wrote after it had ended. */
void dag__recorder_said_late(Recorder *recorder, DagTaskId task, const char *end,
                             size_t size);

/* Record text that a running task wrote.  Takes ownership of `text`. */
void dag__recorder_said(Recorder *recorder, DagTaskId task, DagStream stream, GString *text,
                        int64_t now_ns);

/* Record that a running task has received so many tokens of an answer. */
void dag__recorder_counted(Recorder *recorder, DagTaskId task, uint64_t n_tokens,
                           int64_t now_ns);

/* Record the end of an attempt that is followed by another one after `pause_ns`.  Takes all that
 * `end` owns. */
void dag__recorder_attempt_failed(Recorder *recorder, AttemptEnd *end, int64_t pause_ns);

/* An attempt was withdrawn: it leaves no record but its traffic, and starts again in `pause_ns` or later.
 * `pool` is the name of the one that it waits for, or NULL.  Takes all that `end` owns. */
void dag__recorder_withdrawn(Recorder *recorder, AttemptEnd *end, const char *pool,
                             int64_t pause_ns);

/* Record the end of a task: its last attempt has ended.  Takes all that `end` owns. */
void dag__recorder_ended(Recorder *recorder, AttemptEnd *end);

/* Record the end of a task that did not run: its result was taken over.  Takes all that `end` owns. */
void dag__recorder_reused(Recorder *recorder, AttemptEnd *end);

/* Count `n` tasks that succeeded at their first attempt between the two times and have
 * neither events, reasons nor transcripts.  record_writer_succeeded() has written their records. */
void dag__recorder_count_succeeded(Recorder *recorder, size_t n, int64_t start_ns,
                                   int64_t end_ns);

/* Record the outcome of a task that never ran, or will not be tried again. */
void dag__recorder_never_ran(Recorder *recorder, DagTaskId task, DagOutcome outcome,
                             int64_t now_ns);

/* Record a reason for which the run stops early.  All are kept. */
void dag__recorder_stopped(Recorder *recorder, DagStop reason);

/* Record the end of the run. */
void dag__recorder_run_finished(Recorder *recorder, int64_t now_ns, int signal_number);

/* Return the run, which is complete.  Owned by the caller. */
DagRun *dag__recorder_take_run(Recorder *recorder);
