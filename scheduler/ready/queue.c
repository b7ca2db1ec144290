/* SPDX-License-Identifier: MIT */
/*
 * If only the time of arrival decides, first in, first out is a ring and last in, first out a
 * stack.  If priorities, keys or classes decide too, the queue has lanes (lanes.h).  Tasks that
 * are due for another attempt are kept apart, and merged when a task is taken.
 */
#include "ready/queue.h"

#include "ready/due.h"
#include "ready/lanes.h"

/* Initial capacity of a ring or a stack. */
#define MIN_IDS 1024

struct ReadyQueue {
    const DagGraph *graph;
    DueTasks *due;
    size_t n_due; /* tasks in `due` */
    Lanes *lanes; /* NULL: a ring or a stack, as follows */
    bool is_stack;
    DagTaskId *ids; /* [n_ids] */
    /* A power of two.  Grows only as needed: most graphs have few tasks ready at once, and then the
     * ring stays in the cache. */
    size_t n_ids;
    size_t head;   /* index of the next task to take from a ring */
    size_t length; /* number of tasks */
};

ReadyQueue *
dag__ready_queue_new(const DagGraph *graph, const TaskClasses *classes, DagOrder order,
                     const double *keys)
{
    ReadyQueue *queue = g_new0(ReadyQueue, 1);

    queue->graph = graph;
    queue->due = dag__due_new(graph, classes);
    if (order == DAG_ORDER_KEY || classes->n > 1 || dag_graph_has_priorities(graph)) {
        queue->lanes = dag__lanes_new(graph, classes, order, keys);
        return queue;
    }
    queue->is_stack = order == DAG_ORDER_LIFO;
    queue->n_ids = MIN_IDS;
    queue->ids = g_new(DagTaskId, queue->n_ids);
    return queue;
}

void
dag__ready_queue_free(ReadyQueue *queue)
{
    if (!queue)
        return;
    dag__due_free(queue->due);
    dag__lanes_free(queue->lanes);
    g_free(queue->ids);
    g_free(queue);
}

/* Return `i` as an index into the ring. */
static size_t
wrapped(const ReadyQueue *queue, size_t i)
{
    return i & (queue->n_ids - 1);
}

/* Make space for `n` more. */
static void
reserve(ReadyQueue *queue, size_t n)
{
    size_t n_ids = queue->n_ids;
    DagTaskId *ids;

    while (n_ids < queue->length + n)
        n_ids *= 2;
    if (n_ids == queue->n_ids)
        return;
    ids = g_new(DagTaskId, n_ids);
    for (size_t i = 0; i < queue->length; i++)
        ids[i] = queue->ids[wrapped(queue, queue->head + i)];
    g_free(queue->ids);
    queue->ids = ids;
    queue->n_ids = n_ids;
    queue->head = 0;
}

void
dag__ready_queue_put_all(ReadyQueue *queue, const DagTaskId *ids, size_t n)
{
    if (queue->lanes) {
        for (size_t i = 0; i < n; i++)
            dag__lanes_put(queue->lanes, ids[i]);
        return;
    }
    reserve(queue, n);
    for (size_t i = 0; i < n; i++)
        queue->ids[wrapped(queue, queue->head + queue->length + i)] = ids[i];
    queue->length += n;
}

void
dag__ready_queue_take_some(ReadyQueue *queue, DagTaskId *ids_out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ids_out[i] = dag__ready_queue_take(queue, 0);
}

void
dag__ready_queue_put_due(ReadyQueue *queue, DagTaskId id)
{
    dag__due_put(queue->due, id);
    queue->n_due++;
}

/* Return the number of tasks of the class that are not due for another attempt. */
static size_t
n_fresh(const ReadyQueue *queue, uint32_t class_id)
{
    return queue->lanes ? dag__lanes_length(queue->lanes, class_id) : queue->length;
}

/* Return true if the next task of the class is one that is due for another attempt. */
static bool
next_is_due(const ReadyQueue *queue, uint32_t class_id)
{
    DagTaskId id;

    if (queue->n_due == 0 || dag__due_length(queue->due, class_id) == 0)
        return false;
    if (!queue->lanes ||
        n_fresh(queue, class_id) == 0) /* without lanes, priorities are equal */
        return true;
    id = dag__due_first(queue->due, class_id);
    return dag_graph_task_priority(queue->graph, id) >=
           dag_graph_task_priority(queue->graph, dag__lanes_first(queue->lanes, class_id));
}

DagTaskId
dag__ready_queue_first(const ReadyQueue *queue, uint32_t class_id)
{
    if (next_is_due(queue, class_id))
        return dag__due_first(queue->due, class_id);
    if (queue->lanes)
        return dag__lanes_first(queue->lanes, class_id);
    return queue->ids[queue->is_stack ? queue->length - 1 : queue->head];
}

DagTaskId
dag__ready_queue_take(ReadyQueue *queue, uint32_t class_id)
{
    DagTaskId id;

    if (next_is_due(queue, class_id)) {
        queue->n_due--;
        return dag__due_take(queue->due, class_id);
    }
    if (queue->lanes)
        return dag__lanes_take(queue->lanes, class_id);
    queue->length--;
    if (queue->is_stack)
        return queue->ids[queue->length];
    id = queue->ids[queue->head];
    queue->head = wrapped(queue, queue->head + 1);
    return id;
}

void
dag__ready_queue_put_back(ReadyQueue *queue, DagTaskId id)
{
    if (dag__due_has_seen(queue->due, id)) {
        dag__due_put_back(queue->due, id);
        queue->n_due++;
        return;
    }
    if (queue->lanes) {
        dag__lanes_put_back(queue->lanes, id);
        return;
    }
    reserve(queue, 1);
    if (queue->is_stack) {
        queue->ids[queue->length++] = id;
    } else {
        queue->head = wrapped(queue, queue->head - 1);
        queue->ids[queue->head] = id;
        queue->length++;
    }
}

size_t
dag__ready_queue_length(const ReadyQueue *queue, uint32_t class_id)
{
    size_t n_due = queue->n_due > 0 ? dag__due_length(queue->due, class_id) : 0;

    return n_fresh(queue, class_id) + n_due;
}

bool
dag__ready_queue_goes_before(const ReadyQueue *queue, uint32_t class_id, uint32_t other)
{
    bool is_due = next_is_due(queue, class_id), other_is_due = next_is_due(queue, other);
    DagTaskId a, b;
    int32_t priority_a, priority_b;

    if (!is_due && !other_is_due)
        return dag__lanes_goes_before(queue->lanes, class_id, other);
    a = is_due ? dag__due_first(queue->due, class_id)
               : dag__lanes_first(queue->lanes, class_id);
    b = other_is_due ? dag__due_first(queue->due, other)
                     : dag__lanes_first(queue->lanes, other);
    if (is_due && other_is_due)
        return dag__due_goes_before(queue->due, a, b);
    priority_a = dag_graph_task_priority(queue->graph, a);
    priority_b = dag_graph_task_priority(queue->graph, b);
    return priority_a != priority_b ? priority_a > priority_b : is_due;
}
