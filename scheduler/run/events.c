/* SPDX-License-Identifier: MIT */
/*
 * Workers append events to a list under the lock; the thread that called dag_execute() swaps the
 * list for an empty one and delivers without it.  So no worker ever waits for an observer.
 */
#include "run/execution.h"

#include <limits.h>
#include <unistd.h>

static void
event_clear(gpointer data)
{
    Event *event = data;

    g_clear_pointer(&event->transcript, dag__spool_free);
    g_clear_pointer(&event->failed, g_free);
}

GArray *
dag__events_new(void)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(Event));

    g_array_set_clear_func(events, event_clear);
    return events;
}

void
dag__wake_caller_locked(Execution *ex)
{
    if (ex->caller_is_woken)
        return;
    ex->caller_is_woken = true;

    ssize_t written = write(ex->wake_fd, &(uint64_t){1}, sizeof(uint64_t));

    (void)written; /* it can only fail where the counter is full, and readable */
}

void
dag__tell_locked(Execution *ex, const Event *event)
{
    if (event->transcript && (dag_spool_n_lost(event->transcript) > 0 ||
                              dag_spool_log_problem(event->transcript)))
        ex->run->n_lost++;
    if (ex->n_observers == 0) {
        event_clear(&(Event){.transcript = event->transcript, .failed = event->failed});
        return;
    }
    g_array_append_vals(ex->events, event, 1);
    dag__wake_caller_locked(ex);
}

void
dag__deliver(const Execution *ex, const Event *from)
{
    bool of_task = from->type == DAG_EVENT_TASK_STARTED ||
                   from->type == DAG_EVENT_ATTEMPT_FAILED ||
                   from->type == DAG_EVENT_TASK_FINISHED;
    DagEvent event = {
        .type = from->type,
        .task = of_task ? from->number : DAG_TASK_NONE,
        .phase = of_task ? 0 : from->number,
        .attempt = from->attempt,
        .time_ns = from->time_ns,
        .pause_ns = from->pause_ns,
        .failed = from->failed,
        .transcript = from->transcript,
        .run = ex->run,
    };

    for (size_t i = 0; i < ex->n_observers; i++)
        ex->observers[i].notify(&event, ex->observers[i].data);
}

void
dag__deliver_all(const Execution *ex, const GArray *events)
{
    for (guint i = 0; i < events->len; i++)
        dag__deliver(ex, &g_array_index(events, Event, i));
}

int
dag__tick(const Execution *ex)
{
    DagEvent event = {.type = DAG_EVENT_TICK,
                      .task = DAG_TASK_NONE,
                      .time_ns = dag__execution_now(ex),
                      .run = ex->run};
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
    /* Rounded up, and at least one: poll() must not return just before it is time. */
    return (int)CLAMP((next_ns - dag__execution_now(ex)) / 1000000 + 1, 1, INT_MAX);
}
