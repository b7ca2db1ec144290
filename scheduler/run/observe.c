/* SPDX-License-Identifier: MIT */
/*
 * The thread that called dag_execute(): it delivers events to observers, and watches for the
 * cancellation and the run's time limit.
 *
 * Drivers append events to a list under the lock; this thread swaps the list for an empty one and
 * delivers it without the lock.  So no driver waits for an observer,
 * except for one that follows all text (follow.c).
 */
#include "run/execution.h"
#include "run/follow.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* The time for which events are collected after a delivery: waking this thread costs more than a
 * tiny program, and so does a commit of an observer that stores the run.  People do not notice the delay. */
#define GATHER_MS 20

static void
wake_caller_locked(Execution *ex)
{
    if (ex->caller_is_woken)
        return;
    ex->caller_is_woken = true;

    ssize_t written = write(ex->wake_fd, &(uint64_t){1}, sizeof(uint64_t));

    (void)written; /* fails only if the counter is full, and then it is readable */
}

void
dag__execution_announce_locked(Execution *ex)
{
    if (ex->core.recorder.events->len > 0)
        wake_caller_locked(ex);
}

void
dag__execution_leave_locked(Execution *ex)
{
    ex->n_gone++;
    ex->caller_is_woken = false; /* even while it collects events: the run may be over */
    wake_caller_locked(ex);
}

/* Emit DAG_EVENT_TICK to the observers for which it is due.  Return the milliseconds until the
 * next one is due, or -1. */
static int
emit_ticks(const Execution *ex)
{
    DagEvent event = {.type = DAG_EVENT_TICK,
                      .task = DAG_TASK_NONE,
                      .time_ns = dag__execution_now(ex),
                      .run = ex->core.recorder.run};
    int64_t next_ns = INT64_MAX;

    for (size_t i = 0; i < ex->n_observers; i++) {
        const DagObserver *observer = &ex->observers[i];

        if (observer->tick_ns <= 0)
            continue;
        if (event.time_ns >= ex->ticks_at_ns[i]) {
            observer->notify(&event, observer->data);
            ex->ticks_at_ns[i] = dag__execution_now(ex) + observer->tick_ns;
        }
        next_ns = MIN(next_ns, ex->ticks_at_ns[i]);
    }
    if (next_ns == INT64_MAX)
        return -1;

    int64_t left_ns = next_ns - dag__execution_now(ex); /* CLAMP() evaluates it twice */

    /* Rounded up, and at least 1, so that poll() does not return just before. */
    return (int)CLAMP(left_ns / 1000000 + 1, 1, INT_MAX);
}

/* Record the last lines of running tasks, if an observer follows them and a tick is due. */
static void
record_last_lines(Execution *ex)
{
    bool is_due = false;

    for (size_t i = 0; i < ex->n_observers; i++)
        is_due = is_due || (ex->observers[i].tick_ns > 0 &&
                            dag__execution_now(ex) >= ex->ticks_at_ns[i]);
    if (!is_due || !ex->env.follow)
        return;
    dag__lock(&ex->lock);
    dag__follow_tick_locked(ex->env.follow);
    dag__unlock(&ex->lock);
}

/* Return `timeout_ms`, or the milliseconds until the run's time limit if that is less. */
static int
limited_ms(const Execution *ex, int timeout_ms)
{
    if (ex->limit_ns == INT64_MAX || ex->has_passed_limit)
        return timeout_ms;

    int64_t left_ns = ex->limit_ns - dag__execution_now(ex);
    int left_ms = (int)CLAMP(left_ns / 1000000 + 1, 0, INT_MAX);

    return timeout_ms < 0 ? left_ms : MIN(left_ms, timeout_ms);
}

static void
emit_cancelled(const Execution *ex)
{
    const DagEvent event = {.type = DAG_EVENT_CANCELLED,
                            .task = DAG_TASK_NONE,
                            .time_ns = dag__execution_now(ex),
                            .run = ex->core.recorder.run};

    for (size_t i = 0; i < ex->n_observers; i++)
        ex->observers[i].notify(&event, ex->observers[i].data);
}

/* Check for a stop, and wake all drivers that wait; the others check before they start a task. */
static void
check_stop(Execution *ex)
{
    dag__lock(&ex->lock);
    dag__execution_check_locked(ex);
    dag__execution_wake_all_locked(ex);
    dag__unlock(&ex->lock);
}

/* Wait until there are events, the cancellation rises, or `timeout_ms` has passed (-1: for
 * ever). */
static void
wait_for_events(Execution *ex, DagCancelLevel *level, int timeout_ms)
{
    bool may_rise = ex->cancel && *level < DAG_CANCEL_KILL;
    struct pollfd fds[2] = {
        {.fd = ex->wake_fd, .events = POLLIN},
        {.fd = may_rise ? dag_cancel_fd(ex->cancel, *level + 1) : -1, .events = POLLIN},
    };
    int n_ready = poll(fds, G_N_ELEMENTS(fds), limited_ms(ex, timeout_ms));
    uint64_t count;

    if (n_ready < 0)
        return; /* interrupted by a signal: the caller tries again */
    if (!ex->has_passed_limit && dag__execution_now(ex) >= ex->limit_ns) {
        ex->has_passed_limit = true;
        check_stop(ex);
    }
    if (fds[0].revents && read(ex->wake_fd, &count, sizeof(count)) < 0)
        return;
    if (fds[1].revents) {
        ++*level;
        check_stop(ex);
    }
}

/* Return the time to wait in milliseconds: at most GATHER_MS while events are collected, since
 * then no driver wakes this thread. */
static int
wait_ms(bool gathers, int tick_ms)
{
    return gathers && (tick_ms < 0 || tick_ms > GATHER_MS) ? GATHER_MS : tick_ms;
}

static void
deliver_all(const Execution *ex, GArray *events)
{
    dag__events_deliver(events, ex->core.recorder.run, ex->observers, ex->n_observers);
}

void
dag__execution_attend(Execution *ex)
{
    DagCancelLevel level = DAG_CANCEL_NONE, announced = DAG_CANCEL_NONE;
    bool done = false, gathers = false;
    GArray *spare = dag__events_new();

    while (!done) {
        GArray *events;

        record_last_lines(ex);
        wait_for_events(ex, &level, wait_ms(gathers, emit_ticks(ex)));

        dag__lock(&ex->lock);
        events = spare = dag__recorder_take_events(&ex->core.recorder, spare);
        gathers = events->len > 0;
        ex->caller_is_woken = gathers;
        dag__follow_delivered_locked(ex->env.follow);
        done = ex->n_gone == ex->n_drivers;
        dag__unlock(&ex->lock);

        deliver_all(ex, events);
        if (level > announced)
            emit_cancelled(ex);
        announced = level;
    }
    g_array_unref(spare);
}

void
dag__execution_deliver(Execution *ex)
{
    deliver_all(ex, ex->core.recorder.events);
}
