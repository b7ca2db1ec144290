/* SPDX-License-Identifier: MIT */
/*
 * One execution on real threads: the state that its caller (execute.c, observe.c), its workers
 * (threads.c) and its I/O driver (io.c) share.
 *
 * Locks: those of the outputs may be taken while Execution.lock is held, never the other way round.  No
 * other lock is.  docs/threading.md has a table of all locks.
 */
#pragma once

#include "run/core.h"
#include "run/job.h"
#include "run/later.h"
#include "run/lock.h"

#include <dagrun/execute.h>
#include <stdalign.h>
#include <stdatomic.h>

typedef struct Execution Execution;
typedef struct IoDriver IoDriver;

struct Execution {
    /* Read-only once the drivers have been started. */
    ContextEnv env;
    const DagPlan *plan;
    DagCancel *cancel; /* or NULL */
    const DagObserver *observers;
    size_t n_observers;
    unsigned n_workers;
    int64_t epoch_ns;
    int64_t limit_ns; /* the run's time limit since it began; INT64_MAX: none */
    int wake_fd;      /* readable when there are events, or a driver has ended */
    IoDriver *io;     /* NULL: no task occupies a connection */
    /* Only the caller of dag_execute() uses these two. */
    int64_t *ticks_at_ns;  /* [n_observers] */
    bool has_passed_limit; /* the run's time limit */

    /* A hint for loops that do not take the lock: becomes true once. */
    atomic_bool stopping;

    /* On its own cache lines, so that spinning threads do not slow down the holder. */
    alignas(2 * CACHE_LINE) GMutex lock;

    /* All below are protected by lock. */
    alignas(2 * CACHE_LINE) RunCore core;
    Budget budget;
    GCond work;           /* an idle worker waits here */
    DagCancelLevel level; /* of the cancellation, when it was checked last */
    /* When one idle worker wakes by itself, since a task may start then; INT64_MAX: none does. */
    int64_t alarm_ns;
    int64_t io_alarm_ns; /* the same for the I/O thread, as long as it waits */
    unsigned n_idle;     /* workers that wait for work */
    unsigned n_called;   /* idle workers that have been signalled */
    unsigned n_drivers;  /* threads that take tasks: workers, and the I/O thread */
    unsigned n_gone;     /* drivers that have ended */
    bool caller_is_woken;
};

/* Return the nanoseconds since the run began.  Any thread. */
int64_t dag__execution_now(const Execution *ex);

/* Stop or halt if the run is cancelled, or has reached its time limit. */
void dag__execution_check_locked(Execution *ex);

/*
 * Ask the memory for the result of the task before its attempt begins, without the lock.
 * Returns: true if it has one, so that the job ends as DAG_REUSED; false: run it.
 */
bool dag__execution_begin(Execution *ex, DagJob *job);

/* Handle the end of an attempt. */
void dag__execution_end_locked(Execution *ex, AttemptEnd *end);

/* Count the use of the job instead of its reservation. */
void dag__execution_settle_locked(Execution *ex, DagJob *job);

/* Reserve for a job, as dag_job_reserve(). */
DagReserved dag__execution_reserve_locked(Execution *ex, DagJob *job,
                                          const DagReservation *wanted,
                                          int64_t *when_ns_out, char **reason_out);

/* Let a job that dag_job_wait() has withdrawn wait. */
void dag__execution_withdraw_locked(Execution *ex, DagJob *job);

/* Wake a thread that can take the next task, or that waits for the next pause to end.  A woken
 * worker wakes the next one, which saves a futex call per task. */
void dag__execution_wake_next_locked(Execution *ex);

/* Wake the I/O thread if it can take a task, or waits longer than until one may start by itself.  Call it
 * before the lock is released, if the ready set has changed. */
void dag__execution_wake_io_locked(Execution *ex);

/* Wake all threads that wait for tasks. */
void dag__execution_wake_all_locked(Execution *ex);

/* Return the time at which a worker has something to do by itself: a task may start, or the run reaches its
 * time limit.  INT64_MAX: never. */
int64_t dag__execution_next_ns_locked(Execution *ex);

/* Wait until another thread signals, or until dag__execution_next_ns_locked().  Worker thread. */
void dag__execution_wait_locked(Execution *ex);

/* Count the calling thread as gone: it will take no more tasks. */
void dag__execution_leave_locked(Execution *ex);

/* observe.c: events for the thread that called dag_execute(). */

/* Wake the caller if there are events for it. */
void dag__execution_announce_locked(Execution *ex);

/* Deliver events until all drivers have gone.  Caller's thread. */
void dag__execution_attend(Execution *ex);

/* Deliver the events recorded so far.  Caller's thread; no driver runs. */
void dag__execution_deliver(Execution *ex);

/* threads.c */

/* Start up to n_workers workers in a pool, or fewer if the system has no more threads.  Free the
 * pool with g_thread_pool_free().  Returns: NULL with DAG_ERROR_IO. */
GThreadPool *dag__workers_start_locked(Execution *ex, GError **error);

/* io.c */

/* Start the I/O driver, which takes no task before the caller releases the lock.
 * Returns: NULL with DAG_ERROR_IO. */
IoDriver *dag__io_driver_new_locked(Execution *ex, GError **error);

/* Wait for the I/O thread and free the driver.  NULL is fine. */
void dag__io_driver_free(IoDriver *io);

/* Wake the I/O thread if it waits. */
void dag__io_driver_wake_locked(IoDriver *io);
