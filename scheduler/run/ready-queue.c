/* SPDX-License-Identifier: MIT */
/*
 * First in, first out and last in, first out are an array with one or two moving ends: O(1).
 * Keys are a binary heap: O(log ready).  Where tasks have priorities, those come first, and the
 * strategy decides among equals: then every order is a heap, with the moment of arrival as key.
 */
#include "run/ready-queue.h"

/* What the heap compares, larger first; equals go to the task declared first. */
typedef struct Entry {
    double key;
    int32_t priority;
    uint32_t position; /* in the order of declaration */
    DagTaskId id;
} Entry;

struct ReadyQueue {
    const DagGraph *graph;
    DagOrder order;
    bool is_heap;
    double *keys; /* [n_tasks], of a heap: the strategy's, or the moment of arrival */

    DagTaskId *ids; /* [n_tasks], unless it is a heap */
    size_t head;    /* of ids: the next to take, in DAG_ORDER_FIFO */
    size_t tail;    /* of ids: behind the last one put in */

    GArray *heap;      /* of Entry */
    uint32_t arrivals; /* put in so far, unless keys are the strategy's */
};

ReadyQueue *
dag__ready_queue_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed)
{
    ReadyQueue *queue = g_new0(ReadyQueue, 1);
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    queue->graph = dag_plan_graph(plan);
    queue->order = strategy->order;
    queue->is_heap =
        strategy->order == DAG_ORDER_KEY || dag_graph_has_priorities(queue->graph);
    if (queue->is_heap) {
        queue->keys = g_new(double, n);
        queue->heap = g_array_new(FALSE, FALSE, sizeof(Entry));
    } else {
        queue->ids = g_new(DagTaskId, n);
    }
    if (strategy->order == DAG_ORDER_KEY)
        strategy->keys(plan, seed, queue->keys);
    return queue;
}

void
dag__ready_queue_free(ReadyQueue *queue)
{
    if (!queue)
        return;
    g_clear_pointer(&queue->heap, g_array_unref);
    g_free(queue->keys);
    g_free(queue->ids);
    g_free(queue);
}

static bool
goes_before(const Entry *a, const Entry *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a->key != b->key)
        return a->key > b->key;
    return a->position < b->position;
}

static void
heap_put(ReadyQueue *queue, DagTaskId id)
{
    Entry entry = {queue->keys[id], dag_graph_task_priority(queue->graph, id),
                   dag_graph_position(queue->graph, id), id};
    size_t hole = queue->heap->len;

    g_array_append_val(queue->heap, entry);

    Entry *heap = (Entry *)(void *)queue->heap->data;

    for (; hole > 0 && goes_before(&entry, &heap[(hole - 1) / 2]); hole = (hole - 1) / 2)
        heap[hole] = heap[(hole - 1) / 2];
    heap[hole] = entry;
}

static DagTaskId
heap_take(ReadyQueue *queue)
{
    Entry *heap = (Entry *)(void *)queue->heap->data;
    DagTaskId first = heap[0].id;
    size_t n = queue->heap->len - 1, hole = 0;
    Entry last = heap[n];

    g_array_set_size(queue->heap, (guint)n);
    while (2 * hole + 1 < n) {
        size_t child = 2 * hole + 1;

        child += child + 1 < n && goes_before(&heap[child + 1], &heap[child]);
        if (!goes_before(&heap[child], &last))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return first;
}

void
dag__ready_queue_put(ReadyQueue *queue, DagTaskId id)
{
    if (queue->order != DAG_ORDER_KEY && queue->is_heap) {
        queue->arrivals++;
        queue->keys[id] = queue->order == DAG_ORDER_FIFO ? -(double)queue->arrivals
                                                         : (double)queue->arrivals;
    }
    if (queue->is_heap)
        heap_put(queue, id);
    else
        queue->ids[queue->tail++] = id;
}

DagTaskId
dag__ready_queue_take(ReadyQueue *queue)
{
    if (queue->is_heap)
        return heap_take(queue);
    if (queue->order == DAG_ORDER_LIFO)
        return queue->ids[--queue->tail];
    return queue->ids[queue->head++];
}

DagTaskId
dag__ready_queue_peek(const ReadyQueue *queue)
{
    if (queue->is_heap)
        return g_array_index(queue->heap, Entry, 0).id;
    return queue->ids[queue->order == DAG_ORDER_LIFO ? queue->tail - 1 : queue->head];
}

void
dag__ready_queue_put_back(ReadyQueue *queue, DagTaskId id)
{
    if (queue->is_heap)
        heap_put(queue, id);
    else if (queue->order == DAG_ORDER_LIFO)
        queue->ids[queue->tail++] = id;
    else
        queue->ids[--queue->head] = id;
}

size_t
dag__ready_queue_length(const ReadyQueue *queue)
{
    return queue->is_heap ? queue->heap->len : queue->tail - queue->head;
}
