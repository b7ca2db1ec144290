/* SPDX-License-Identifier: MIT */
/*
 * First in, first out is a ring and last in, first out a stack: O(1).  Keys are a heap: O(log
 * ready).  Its nodes have four children rather than two (Johnson, 1975), which lie in one or two
 * cache lines, so that half as many are waited for.  Where tasks have priorities, those come first, and the strategy decides among
 * equals: then every order is a heap, with the moment of arrival as key.  So it is where there
 * are several classes, whose next tasks have to be compared.
 */
#include "run/ready-queue.h"

/* What the heap compares, larger first; equals go to the task declared first. */
typedef struct Entry {
    double key;
    int32_t priority;
    uint32_t position; /* in the order of declaration: which task it is */
} Entry;

#define N_CHILDREN 4

/* What a ring or a stack begins with. */
#define MIN_IDS 1024

struct ReadyQueue {
    const DagGraph *graph;
    DagOrder order;
    bool is_heap;
    double *keys; /* [n_tasks], of a heap: the strategy's, or the moment of arrival */

    DagTaskId *ids; /* [n_ids], unless it is a heap */
    size_t
        n_ids;   /* grows: most graphs have few tasks ready at once, and then memory that is
                       still in the cache is used again and again */
    size_t head; /* of ids: the next to take, in DAG_ORDER_FIFO */
    size_t length; /* of ids in the queue */

    GArray **heaps; /* [n_classes], of Entry */
    uint32_t n_classes;
    uint32_t arrivals; /* put in so far, unless keys are the strategy's */
};

ReadyQueue *
dag__ready_queue_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed)
{
    ReadyQueue *queue = g_new0(ReadyQueue, 1);
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    queue->graph = dag_plan_graph(plan);
    queue->order = strategy->order;
    queue->n_classes = dag_graph_n_use_classes(queue->graph);
    queue->is_heap = strategy->order == DAG_ORDER_KEY || queue->n_classes > 1 ||
                     dag_graph_has_priorities(queue->graph);
    if (queue->is_heap) {
        queue->keys = g_new(double, n);
        queue->heaps = g_new(GArray *, queue->n_classes);
        for (uint32_t class = 0; class < queue->n_classes; class ++)
            queue->heaps[class] = g_array_new(FALSE, FALSE, sizeof(Entry));
    } else {
        queue->n_ids = MIN_IDS;
        queue->ids = g_new(DagTaskId, queue->n_ids);
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
    for (uint32_t class = 0; queue->heaps && class < queue->n_classes; class ++)
        g_array_unref(queue->heaps[class]);
    g_free(queue->heaps);
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
                   dag_graph_position(queue->graph, id)};
    GArray *array = queue->heaps[dag_graph_task_use_class(queue->graph, id)];
    size_t hole = array->len;

    g_array_append_val(array, entry);

    Entry *heap = (Entry *)(void *)array->data;

    for (size_t above; hole > 0; hole = above) {
        above = (hole - 1) / N_CHILDREN;
        if (!goes_before(&entry, &heap[above]))
            break;
        heap[hole] = heap[above];
    }
    heap[hole] = entry;
}

/* Returns: which of the children from `child` on goes first; there is one. */
static size_t
first_child(const Entry *heap, size_t child, size_t n)
{
    size_t first = child, end = MIN(child + N_CHILDREN, n);

    while (++child < end)
        if (goes_before(&heap[child], &heap[first]))
            first = child;
    return first;
}

static DagTaskId
heap_take(const DagGraph *graph, GArray *array)
{
    Entry *heap = (Entry *)(void *)array->data;
    uint32_t first = heap[0].position;
    size_t n = array->len - 1, hole = 0;
    Entry last = heap[n];

    g_array_set_size(array, (guint)n);
    while (N_CHILDREN * hole + 1 < n) {
        size_t child = first_child(heap, N_CHILDREN * hole + 1, n);

        if (!goes_before(&heap[child], &last))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return dag_graph_declared(graph).ids[first];
}

/* Returns: `i`, which is less than twice n_ids, as an index into the ring. */
static size_t
wrapped(const ReadyQueue *queue, size_t i)
{
    return i < queue->n_ids ? i : i - queue->n_ids;
}

/* Makes room for one more. */
static void
reserve(ReadyQueue *queue)
{
    DagTaskId *ids;

    if (queue->length < queue->n_ids)
        return;
    ids = g_new(DagTaskId, 2 * queue->n_ids);
    for (size_t i = 0; i < queue->length; i++)
        ids[i] = queue->ids[wrapped(queue, queue->head + i)];
    g_free(queue->ids);
    queue->ids = ids;
    queue->n_ids *= 2;
    queue->head = 0;
}

void
dag__ready_queue_put(ReadyQueue *queue, DagTaskId id)
{
    if (queue->order != DAG_ORDER_KEY && queue->is_heap) {
        queue->arrivals++;
        queue->keys[id] = queue->order == DAG_ORDER_FIFO ? -(double)queue->arrivals
                                                         : (double)queue->arrivals;
    }
    if (queue->is_heap) {
        heap_put(queue, id);
        return;
    }
    reserve(queue);
    queue->ids[wrapped(queue, queue->head + queue->length++)] = id;
}

DagTaskId
dag__ready_queue_take(ReadyQueue *queue, uint32_t class)
{
    DagTaskId id;

    if (queue->is_heap)
        return heap_take(queue->graph, queue->heaps[class]);
    queue->length--;
    if (queue->order == DAG_ORDER_LIFO)
        return queue->ids[queue->length];
    id = queue->ids[queue->head];
    queue->head = wrapped(queue, queue->head + 1);
    return id;
}

void
dag__ready_queue_put_back(ReadyQueue *queue, DagTaskId id)
{
    if (queue->is_heap) {
        heap_put(queue, id);
        return;
    }
    reserve(queue);
    if (queue->order == DAG_ORDER_LIFO) {
        queue->ids[queue->length++] = id;
    } else {
        queue->head = wrapped(queue, queue->head + queue->n_ids - 1);
        queue->ids[queue->head] = id;
        queue->length++;
    }
}

size_t
dag__ready_queue_length(const ReadyQueue *queue, uint32_t class)
{
    return queue->is_heap ? queue->heaps[class]->len : queue->length;
}

bool
dag__ready_queue_goes_before(const ReadyQueue *queue, uint32_t class, uint32_t other)
{
    return goes_before(&g_array_index(queue->heaps[class], Entry, 0),
                       &g_array_index(queue->heaps[other], Entry, 0));
}
