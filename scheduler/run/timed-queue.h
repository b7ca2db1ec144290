/* SPDX-License-Identifier: MIT */
/*
 * A queue of items by time: a binary heap of pointers to nodes that live inside the items.  Each
 * node knows its position, so that it can be removed or moved in O(log n).  Ties go to the smaller
 * `tie`, so the order is reproducible.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* `position` is NOT_QUEUED while the node is in no queue. */
typedef struct TimedNode {
    int64_t time_ns;
    uint64_t tie;
    uint32_t position;
} TimedNode;

#define NOT_QUEUED UINT32_MAX

typedef struct TimedQueue {
    TimedNode **nodes; /* [n]: a heap, the earliest first; owned array of borrowed nodes */
    uint32_t n;
    uint32_t capacity;
} TimedQueue;

void dag__timed_queue_clear(TimedQueue *queue);

/* Insert a node that is not in the queue. */
void dag__timed_queue_insert(TimedQueue *queue, TimedNode *node);

/* Remove a node that is in the queue. */
void dag__timed_queue_remove(TimedQueue *queue, TimedNode *node);

/* Return the time of the first node, or INT64_MAX. */
static inline int64_t
timed_queue_next_ns(const TimedQueue *queue)
{
    return queue->n > 0 ? queue->nodes[0]->time_ns : INT64_MAX;
}
