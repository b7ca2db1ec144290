/* SPDX-License-Identifier: MIT */
/*
 * A list of events that were recorded and not yet delivered to observers.
 */
#pragma once

#include <dagrun/execute.h>

/* An event, and the objects that it owns. */
typedef struct Event {
    DagEventType type;
    uint32_t number; /* of the task or phase */
    uint32_t attempt;
    int64_t time_ns;
    int64_t pause_ns;
    const char *pool;     /* belongs to the graph, or NULL */
    DagSpool *transcript; /* owned, or NULL */
    DagAttempt *failed;   /* owned, or NULL; its reason belongs to the run */
    char *text;           /* owned, or NULL */
    size_t text_size;
    DagStream stream; /* of text */
    uint64_t n_tokens;
} Event;

/* Return an empty list, of Event. */
GArray *dag__events_new(void);

/* Free the objects that the event owns. */
void dag__event_clear(Event *event);

/* Deliver one event to observers[n]. */
void dag__event_deliver(const Event *event, const DagRun *run, const DagObserver *observers,
                        size_t n);

/* Deliver all events in order, flush the observers, and empty the list. */
void dag__events_deliver(GArray *events, const DagRun *run, const DagObserver *observers,
                         size_t n);
