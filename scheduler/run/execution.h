/* SPDX-License-Identifier: MIT */
/*
 * One execution while it goes on: what its caller (executor.c), its workers (worker.c) and the
 * events between them (events.c) share.
 *
 * Two locks: Execution.lock, then the one inside Outputs; never the other way round.
 */
#pragma once

#include "ready/ready-set.h"
#include "record/run.h"
#include "run/context.h"
#include "run/monitor.h"
#include "run/tiny/batch-clock.h"
#include "run/tiny/tiny.h"

#include "model/graph.h"

#include <dagrun/execute.h>
#include <stdalign.h>
#include <stdatomic.h>

typedef struct Execution Execution;

typedef struct Event {
    DagEventType type;
    uint32_t number; /* task or phase */
    uint32_t attempt;
    int64_t time_ns;
    int64_t pause_ns;
    DagSpool *transcript; /* owned, or NULL */
    DagAttempt *failed;   /* owned, or NULL; its reason is the run's */
} Event;

/* One task that a worker has run, and not settled yet, of which there is more to tell than that
 * it succeeded. */
typedef struct Job {
    DagTaskId id;
    unsigned attempt; /* from 1 */
    int64_t start_ns;
    DagOutcome outcome;   /* of this attempt */
    DagSpool *transcript; /* owned, or NULL */
    char *reason;         /* owned, or NULL */
} Job;

/* One worker; only used by its thread. */
typedef struct Worker {
    alignas(2 * CACHE_LINE) DagContext context;
    RecordWriter writer; /* of what it runs */
    uint16_t number;
    ReadyBatch batch;
    Job jobs
        [READY_BATCH]; /* [n_jobs], in the order of the batch; only the last may have failed */
    unsigned n_jobs;
    bool is_heard; /* somebody wants to know of every task */
    BatchClock clock;
    int64_t began_ns; /* the batch */
    unsigned n_run;   /* of the batch; fewer than all if it took too long, or was stopped */
    unsigned n_next;  /* of how many tasks a batch may be, going by those of the last one */
    int64_t now_ns;   /* the last reading of the clock; 0: none that is still good */
    bool has_again;   /* the batch may have tasks that have been tried before */
} Worker;

struct Execution {
    /* Read-only once the run began. */
    const DagGraph *graph;
    DagCancel *cancel;
    const DagObserver *observers;
    size_t n_observers;
    int64_t *ticks_at_ns; /* [n_observers]; only used by the caller */
    unsigned n_workers;
    bool is_tiny;     /* see run/tiny/tiny.h */
    unsigned retries; /* of tasks that declare none */
    int64_t epoch_ns;
    int64_t limit_ns; /* when the run's time is up; INT64_MAX: never */
    int64_t grace_ns;
    Outputs *outputs; /* thread-safe itself */
    Logs *logs;       /* or NULL */
    Engines *engines; /* thread-safe itself */
    DagRun *run;
    int wake_fd;     /* readable when there are events, or the run is done */
    ReadySet *ready; /* what it holds is protected by lock */
    Worker *workers; /* [n_workers] */

    /* A hint, checked between the tasks of a batch; becomes true once. */
    atomic_bool stopping;

    /* In a cache line of its own: who tries to get it must not slow down who has it. */
    alignas(2 * CACHE_LINE) GMutex lock;

    alignas(2 * CACHE_LINE) GCond work;
    RecordWriter writer; /* of what never runs; protected by lock */
    GArray *events;      /* of Event; protected by lock */
    int64_t floor_ns; /* nothing starts before: the latest end of a settled task, the latest
                             look for tasks that are due, the latest begin or end of a phase
                             that somebody was told; protected by lock */
    DagCancelLevel level; /* of the wish to stop, as far as followed; protected by lock */
    uint64_t lots;        /* for pauses; protected by lock */
    unsigned n_idle;      /* workers that sleep until there is work; protected by lock */
    unsigned n_called;    /* of those, how many have been signalled; protected by lock */
    bool has_retries;     /* some task has been tried again; protected by lock */
    unsigned n_gone;      /* workers that have ended; protected by lock */
    bool caller_is_woken; /* protected by lock */
};

/* Returns: nanoseconds since the run began. */
int64_t dag__execution_now(const Execution *ex);

/* Starts nothing more but clean-ups.  The first reason stands. */
void dag__execution_stop_locked(Execution *ex, DagStop why);

/* Stops if that is wished, or if the run's time is up. */
void dag__execution_look_locked(Execution *ex);

/* worker.c: the loop of a worker; a GThreadPool's function. */
void dag__worker_init(Worker *worker, Execution *ex, unsigned number);
void dag__work(gpointer worker, gpointer execution);

/* events.c: from workers to the thread that called dag_execute(). */
GArray *dag__events_new(void);

/* Takes what the event owns. */
void dag__tell_locked(Execution *ex, const Event *event);

/* Returns: whether anybody wants to be told: with no observer, events cost nothing. */
static inline bool
dag__is_told(const Execution *ex)
{
    return ex->n_observers > 0;
}

void dag__wake_caller_locked(Execution *ex);

/* Tells the observers.  Caller's thread. */
void dag__deliver(const Execution *ex, const Event *event);
/* Tells the time to those who want to know it.  Returns: milliseconds until the next of them
 * does; -1: nobody. */
int dag__tick(const Execution *ex);
void dag__deliver_all(const Execution *ex, const GArray *events);
