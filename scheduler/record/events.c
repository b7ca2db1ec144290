/* SPDX-License-Identifier: MIT */
/*
 * Events own copies of everything that observers may see, so they are delivered without a lock.
 */
#include "record/events.h"

#include "output/spool.h"

void
dag__event_clear(Event *event)
{
    g_clear_pointer(&event->transcript, dag__spool_free);
    g_clear_pointer(&event->failed, g_free);
    g_clear_pointer(&event->text, g_free);
}

static void
clear_event(gpointer event)
{
    dag__event_clear(event);
}

GArray *
dag__events_new(void)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(Event));

    g_array_set_clear_func(events, clear_event);
    return events;
}

static bool
is_of_task(DagEventType type)
{
    return type == DAG_EVENT_TASK_STARTED || type == DAG_EVENT_ATTEMPT_FAILED ||
           type == DAG_EVENT_TASK_FINISHED || type == DAG_EVENT_TEXT ||
           type == DAG_EVENT_LATE_TEXT || type == DAG_EVENT_ATTEMPT_WITHDRAWN ||
           type == DAG_EVENT_TOKENS;
}

void
dag__event_deliver(const Event *event, const DagRun *run, const DagObserver *observers,
                   size_t n)
{
    bool of_task = is_of_task(event->type);
    bool of_phase =
        event->type == DAG_EVENT_PHASE_STARTED || event->type == DAG_EVENT_PHASE_FINISHED;
    DagEvent delivered = {
        .type = event->type,
        .task = of_task ? event->number : DAG_TASK_NONE,
        .phase = of_phase ? event->number : 0,
        .attempt = event->attempt,
        .time_ns = event->time_ns,
        .pause_ns = event->pause_ns,
        .pool = event->pool,
        .failed = event->failed,
        .transcript = event->transcript,
        .text = event->text,
        .text_size = event->text_size,
        .stream = event->stream,
        .n_tokens = event->n_tokens,
        .run = run,
    };

    for (size_t i = 0; i < n; i++)
        observers[i].notify(&delivered, observers[i].data);
}

void
dag__events_deliver(GArray *events, const DagRun *run, const DagObserver *observers,
                    size_t n)
{
    for (size_t first = 0, end; first < n && events->len > 0; first = end) {
        end = first + 1;
        while (end < n && !observers[end - 1].flush)
            end++;
        for (guint i = 0; i < events->len; i++)
            dag__event_deliver(&g_array_index(events, Event, i), run, observers + first,
                               end - first);
        if (observers[end - 1].flush)
            observers[end - 1].flush(observers[end - 1].data);
    }
    g_array_set_size(events, 0);
}
