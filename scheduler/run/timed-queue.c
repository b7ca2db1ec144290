/* SPDX-License-Identifier: MIT */
/*
 * A binary heap (Williams, 1964).
 */
#include "run/timed-queue.h"

void
dag__timed_queue_clear(TimedQueue *queue)
{
    g_clear_pointer(&queue->nodes, g_free);
    queue->n = queue->capacity = 0;
}

static bool
is_before(const TimedNode *a, const TimedNode *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->tie < b->tie;
}

static void
place_node(TimedQueue *queue, TimedNode *node, uint32_t position)
{
    queue->nodes[position] = node;
    node->position = position;
}

/* Move the node up from `position` until its parent is not later. */
static void
sift_up(TimedQueue *queue, TimedNode *node, uint32_t position)
{
    while (position > 0 && is_before(node, queue->nodes[(position - 1) / 2])) {
        place_node(queue, queue->nodes[(position - 1) / 2], position);
        position = (position - 1) / 2;
    }
    place_node(queue, node, position);
}

/* Move the node down from `position` until no child is earlier. */
static void
sift_down(TimedQueue *queue, TimedNode *node, uint32_t position)
{
    for (;;) {
        uint32_t child = 2 * position + 1;

        if (child + 1 < queue->n && is_before(queue->nodes[child + 1], queue->nodes[child]))
            child++;
        if (child >= queue->n || !is_before(queue->nodes[child], node))
            break;
        place_node(queue, queue->nodes[child], position);
        position = child;
    }
    place_node(queue, node, position);
}

void
dag__timed_queue_insert(TimedQueue *queue, TimedNode *node)
{
    if (queue->n == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 16;
        queue->nodes = g_renew(TimedNode *, queue->nodes, queue->capacity);
    }
    queue->n++;
    sift_up(queue, node, queue->n - 1);
}

void
dag__timed_queue_remove(TimedQueue *queue, TimedNode *node)
{
    uint32_t position = node->position;
    TimedNode *last = queue->nodes[--queue->n];

    node->position = NOT_QUEUED;
    if (last == node)
        return;
    if (position > 0 && is_before(last, queue->nodes[(position - 1) / 2]))
        sift_up(queue, last, position);
    else
        sift_down(queue, last, position);
}
