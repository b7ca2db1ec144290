/* SPDX-License-Identifier: MIT */
/*
 * A lane is a list of tasks that differ only in the time of their arrival.  Lanes are numbered in
 * the order in which they are served: by class, then by priority, then by key.  So the next task
 * is the first one of the first lane that is not empty, and a set of small numbers finds that lane
 * in a few steps, however many tasks wait (bit-set.h).
 *
 * With keys, every task has a lane of its own, since ties go to the task declared first.  The
 * order is then known before the run and is sorted once, in linear time (key-order.h).  A heap
 * takes microseconds per task when a million are ready, all of it under the lock of the run: it
 * touches memory far apart at each step.
 */
#include "ready/lanes.h"

#include "ready/bit-set.h"
#include "ready/key-order.h"

struct Lanes {
    const DagGraph *graph;
    const TaskClasses *classes;
    DagOrder order;
    uint32_t n_classes; /* of classes */
    uint32_t *lane_of;  /* [n_tasks] */
    /* [n_classes + 1]: all lanes of the class before this number are empty; at first, the number of its first
     * lane. */
    uint32_t *none_before;
    size_t *lengths;  /* [n_classes]: tasks in the lanes of the class */
    BitSet busy;      /* lanes with a task */
    DagTaskId *first; /* [n_lanes]: first task of a busy lane; with keys, its only task */
    DagTaskId *last;  /* [n_lanes]: last task of a busy lane; NULL with keys */
    DagTaskId *next;  /* [n_tasks]: the task behind it in its lane; NULL with keys */
    /* [n_tasks]: compares the first tasks of two classes: the key of the strategy, or the number
     * of the arrival.  NULL with one class. */
    double *keys;
    uint32_t n_arrivals;
};

/* Return [n_tasks] sorted by class, then priority, then key, then declaration; free with
 * g_free(). */
static DagTaskId *
sorted_tasks(const Lanes *lanes, const double *keys, size_t n)
{
    DagTaskId *ids = g_memdup2(dag_graph_declared(lanes->graph).ids, n * sizeof(DagTaskId));
    g_autofree double *values = NULL;

    if (keys)
        dag__order_by_key(ids, n, keys);
    if (lanes->n_classes == 1 && !dag_graph_has_priorities(lanes->graph))
        return ids;
    values = g_new(double, n + 1);
    for (DagTaskId id = 0; id < n; id++)
        values[id] = dag_graph_task_priority(lanes->graph, id);
    dag__order_by_key(ids, n, values);
    for (DagTaskId id = 0; id < n; id++)
        values[id] = -(double)task_class_of(lanes->classes, id);
    dag__order_by_key(ids, n, values);
    return ids;
}

/* Return true if `id`, which follows `before` in the order, begins a new lane. */
static bool
begins_lane(const Lanes *lanes, DagTaskId before, DagTaskId id)
{
    return lanes->order == DAG_ORDER_KEY ||
           dag_graph_task_priority(lanes->graph, before) !=
               dag_graph_task_priority(lanes->graph, id) ||
           task_class_of(lanes->classes, before) != task_class_of(lanes->classes, id);
}

static void
number_lanes(Lanes *lanes, const DagTaskId *ids, size_t n)
{
    uint32_t n_lanes = 0;

    for (size_t i = 0; i < n; i++) {
        DagTaskId id = ids[i];

        if (i == 0 || begins_lane(lanes, ids[i - 1], id))
            lanes->none_before[task_class_of(lanes->classes, id) + 1] = ++n_lanes;
        lanes->lane_of[id] = n_lanes - 1;
    }
    /* A class without tasks has no lane. */
    for (uint32_t i = 0; i < lanes->n_classes; i++)
        lanes->none_before[i + 1] = MAX(lanes->none_before[i], lanes->none_before[i + 1]);
    lanes->busy = bit_set_of(n_lanes);
}

Lanes *
dag__lanes_new(const DagGraph *graph, const TaskClasses *classes, DagOrder order,
               const double *keys)
{
    Lanes *lanes = g_new0(Lanes, 1);
    size_t n = dag_graph_n_tasks(graph);
    bool has_keys = order == DAG_ORDER_KEY;
    DagTaskId *ids;

    g_assert((keys != NULL) == has_keys);
    lanes->graph = graph;
    lanes->classes = classes;
    lanes->order = order;
    lanes->n_classes = classes->n;
    /* The sort comes first, so that its memory is used again. */
    ids = sorted_tasks(lanes, keys, n);
    lanes->lane_of = g_new(uint32_t, n);
    lanes->none_before = g_new0(uint32_t, lanes->n_classes + 1);
    lanes->lengths = g_new0(size_t, lanes->n_classes);
    lanes->last = has_keys ? NULL : g_new(DagTaskId, n);
    lanes->next = has_keys ? NULL : g_new(DagTaskId, n);
    number_lanes(lanes, ids, n);
    lanes->first = ids; /* with keys, a lane is a task; otherwise there is space enough */
    if (lanes->n_classes > 1)
        lanes->keys = has_keys ? g_memdup2(keys, n * sizeof(double)) : g_new(double, n);
    return lanes;
}

void
dag__lanes_free(Lanes *lanes)
{
    if (!lanes)
        return;
    bit_set_clear(&lanes->busy);
    g_free(lanes->lane_of);
    g_free(lanes->none_before);
    g_free(lanes->lengths);
    g_free(lanes->first);
    g_free(lanes->last);
    g_free(lanes->next);
    g_free(lanes->keys);
    g_free(lanes);
}

/* Count the task and return its lane.  Set `*is_busy_out` to whether the lane had tasks before. */
static uint32_t
enter(Lanes *lanes, DagTaskId id, bool *is_busy_out)
{
    uint32_t lane = lanes->lane_of[id];
    uint32_t class_id = lanes->n_classes > 1 ? task_class_of(lanes->classes, id) : 0;

    lanes->lengths[class_id]++;
    lanes->none_before[class_id] = MIN(lanes->none_before[class_id], lane);
    *is_busy_out = bit_set_has(&lanes->busy, lane);
    bit_set_add(&lanes->busy, lane);
    return lane;
}

/* Put the task at the front of its lane. */
static void
enter_first(Lanes *lanes, DagTaskId id)
{
    bool is_busy;
    uint32_t lane = enter(lanes, id, &is_busy);

    if (!lanes->next)
        return;
    lanes->next[id] = is_busy ? lanes->first[lane] : DAG_TASK_NONE;
    lanes->first[lane] = id;
    if (!is_busy)
        lanes->last[lane] = id;
}

/* Put the task at the end of its lane. */
static void
enter_last(Lanes *lanes, DagTaskId id)
{
    bool is_busy;
    uint32_t lane = enter(lanes, id, &is_busy);

    if (!lanes->next)
        return;
    lanes->next[id] = DAG_TASK_NONE;
    if (is_busy)
        lanes->next[lanes->last[lane]] = id;
    else
        lanes->first[lane] = id;
    lanes->last[lane] = id;
}

void
dag__lanes_put(Lanes *lanes, DagTaskId id)
{
    if (lanes->order != DAG_ORDER_KEY && lanes->keys) {
        double arrival = ++lanes->n_arrivals;

        lanes->keys[id] = lanes->order == DAG_ORDER_FIFO ? -arrival : arrival;
    }
    if (lanes->order == DAG_ORDER_LIFO)
        enter_first(lanes, id);
    else
        enter_last(lanes, id);
}

void
dag__lanes_put_back(Lanes *lanes, DagTaskId id)
{
    enter_first(lanes, id);
}

/* Return the lane of the class that is served next; there must be one. */
static uint32_t
first_busy(const Lanes *lanes, uint32_t class_id)
{
    return bit_set_next(&lanes->busy, lanes->none_before[class_id]);
}

DagTaskId
dag__lanes_first(const Lanes *lanes, uint32_t class_id)
{
    return lanes->first[first_busy(lanes, class_id)];
}

DagTaskId
dag__lanes_take(Lanes *lanes, uint32_t class_id)
{
    uint32_t lane = first_busy(lanes, class_id);
    DagTaskId id = lanes->first[lane];

    lanes->lengths[class_id]--;
    lanes->none_before[class_id] = lane;
    if (lanes->next && lanes->next[id] != DAG_TASK_NONE)
        lanes->first[lane] = lanes->next[id];
    else
        bit_set_remove(&lanes->busy, lane);
    return id;
}

size_t
dag__lanes_length(const Lanes *lanes, uint32_t class_id)
{
    return lanes->lengths[class_id];
}

bool
dag__lanes_goes_before(const Lanes *lanes, uint32_t class_id, uint32_t other)
{
    DagTaskId a = dag__lanes_first(lanes, class_id), b = dag__lanes_first(lanes, other);
    int32_t priority_a = dag_graph_task_priority(lanes->graph, a);
    int32_t priority_b = dag_graph_task_priority(lanes->graph, b);

    if (priority_a != priority_b)
        return priority_a > priority_b;
    if (lanes->keys[a] != lanes->keys[b])
        return lanes->keys[a] > lanes->keys[b];
    return dag_graph_position(lanes->graph, a) < dag_graph_position(lanes->graph, b);
}
