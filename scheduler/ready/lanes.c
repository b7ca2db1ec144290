/* SPDX-License-Identifier: MIT */
/*
 * A lane holds tasks that only their arrival tells apart.  Lanes are numbered in the order in
 * which they are served: by class, then by priority, then by key.  So the next task is the first
 * of the first lane that has any, and a set of small numbers finds that in a few steps, however
 * many tasks wait (bit-set.h).
 *
 * Where the strategy has keys every task is a lane of its own, since ties go to the task declared
 * first.  Then all is known before the run, and is sorted once, in linear time (least significant
 * digits first; Knuth, volume 3, 5.2.5).  A heap, which this was before, walks through memory for
 * each task, and holds up everybody meanwhile: with a million tasks ready that took microseconds.
 */
#include "ready/lanes.h"

#include "model/graph.h"
#include "ready/bit-set.h"

#include <string.h>

struct Lanes {
    const DagGraph *graph;
    DagOrder order;
    uint32_t n_classes;
    uint32_t *lane_of;    /* [n_tasks] */
    uint32_t *first_lane; /* [n_classes + 1] */
    size_t *lengths;      /* [n_classes]: tasks that are in */
    BitSet busy;          /* lanes with a task */
    DagTaskId *first; /* [n_lanes]: of a lane in `busy`; with keys, the only one there is */
    DagTaskId *last;  /* [n_lanes]: likewise; NULL with keys */
    DagTaskId *next;  /* [n_tasks]: the one behind, in its lane; NULL with keys */
    double
        *keys; /* [n_tasks]: what goes first among several classes: the strategy's, or the
                     moment of arrival; NULL where there is only one class */
    uint32_t n_arrivals;
};

/* What is sorted: smaller first. */
typedef struct Place {
    uint64_t weight;
    DagTaskId id;
} Place;

#define DIGIT_BITS 8
#define N_DIGITS   (1U << DIGIT_BITS)

/* Returns: the key as a number that is the smaller, the larger the key. */
static uint64_t
weight_of_key(double key)
{
    uint64_t bits;

    key += 0; /* makes -0 of the same weight as 0 */
    memcpy(&bits, &key, sizeof(bits));
    return bits >> 63 ? bits : ~bits & INT64_MAX;
}

/* Returns: the priority likewise. */
static uint64_t
weight_of_priority(int32_t priority)
{
    return (uint64_t)(INT64_C(0x7fffffff) - priority);
}

/* Sorts by one digit, from `places` into `out`, and keeps the order of equals.
 * Returns: false, having done nothing, if all have the same. */
static bool
sort_by_digit(const Place *places, Place *out, size_t n, unsigned shift)
{
    size_t starts[N_DIGITS + 1] = {0};

    for (size_t i = 0; i < n; i++)
        starts[(places[i].weight >> shift) % N_DIGITS + 1]++;
    for (unsigned digit = 1; digit <= N_DIGITS; digit++)
        if (starts[digit] == n)
            return false;
    for (unsigned digit = 1; digit <= N_DIGITS; digit++)
        starts[digit] += starts[digit - 1];
    for (size_t i = 0; i < n; i++)
        out[starts[(places[i].weight >> shift) % N_DIGITS]++] = places[i];
    return true;
}

static bool
is_sorted(const Place *places, size_t n)
{
    size_t i = 1;

    while (i < n && places[i - 1].weight <= places[i].weight)
        i++;
    return i >= n;
}

/* Sorts (*places)[n] by weight and keeps the order of equals; may swap it with `*scratch`. */
static void
sort_places(Place **places, Place **scratch, size_t n)
{
    if (is_sorted(*places, n))
        return;
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS)
        if (sort_by_digit(*places, *scratch, n, shift)) {
            Place *sorted = *scratch;

            *scratch = *places;
            *places = sorted;
        }
}

/* Returns: [n_tasks] in the order of service, but for arrivals: by class, then priority, then
 * key, then declaration; free with g_free(). */
static Place *
sorted_places(const Lanes *lanes, const double *keys, size_t n)
{
    const DagTaskId *declared = dag_graph_declared(lanes->graph).ids;
    Place *places = g_new(Place, n), *scratch = g_new0(Place, n);

    for (size_t i = 0; i < n; i++)
        places[i] = (Place){keys ? weight_of_key(keys[declared[i]]) : 0, declared[i]};
    sort_places(&places, &scratch, n);
    for (size_t i = 0; i < n; i++)
        places[i].weight =
            weight_of_priority(dag_graph_task_priority(lanes->graph, places[i].id));
    sort_places(&places, &scratch, n);
    for (size_t i = 0; i < n; i++)
        places[i].weight = dag__graph_task_use_class(lanes->graph, places[i].id);
    sort_places(&places, &scratch, n);
    g_free(scratch);
    return places;
}

/* Returns: whether the second task, which comes right behind the first, has a lane of its own. */
static bool
begins_lane(const Lanes *lanes, DagTaskId before, DagTaskId id)
{
    return lanes->order == DAG_ORDER_KEY ||
           dag_graph_task_priority(lanes->graph, before) !=
               dag_graph_task_priority(lanes->graph, id) ||
           dag__graph_task_use_class(lanes->graph, before) !=
               dag__graph_task_use_class(lanes->graph, id);
}

static void
number_lanes(Lanes *lanes, const Place *places, size_t n)
{
    uint32_t n_lanes = 0;

    for (size_t i = 0; i < n; i++) {
        DagTaskId id = places[i].id;

        if (i == 0 || begins_lane(lanes, places[i - 1].id, id)) {
            lanes->first[n_lanes] = id;
            lanes->first_lane[dag__graph_task_use_class(lanes->graph, id) + 1] = ++n_lanes;
        }
        lanes->lane_of[id] = n_lanes - 1;
    }
    /* Classes without a task have no lane. */
    for (uint32_t class = 0; class < lanes->n_classes; class ++)
        lanes->first_lane[class + 1] =
            MAX(lanes->first_lane[class], lanes->first_lane[class + 1]);
    lanes->busy = bit_set_of(n_lanes);
}

Lanes *
dag__lanes_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed)
{
    Lanes *lanes = g_new0(Lanes, 1);
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph);
    bool has_keys = strategy->order == DAG_ORDER_KEY;
    double *keys = g_new(double, n);
    Place *places;

    lanes->graph = graph;
    lanes->order = strategy->order;
    lanes->n_classes = dag__graph_n_use_classes(graph);
    lanes->lane_of = g_new(uint32_t, n);
    lanes->first_lane = g_new0(uint32_t, lanes->n_classes + 1);
    lanes->lengths = g_new0(size_t, lanes->n_classes);
    lanes->first = g_new(DagTaskId, n);
    lanes->last = has_keys ? NULL : g_new(DagTaskId, n);
    lanes->next = has_keys ? NULL : g_new(DagTaskId, n);
    if (has_keys)
        strategy->keys(plan, seed, keys);
    places = sorted_places(lanes, has_keys ? keys : NULL, n);
    number_lanes(lanes, places, n);
    g_free(places);
    if (lanes->n_classes > 1)
        lanes->keys = g_steal_pointer(&keys);
    g_free(keys);
    return lanes;
}

void
dag__lanes_free(Lanes *lanes)
{
    if (!lanes)
        return;
    bit_set_clear(&lanes->busy);
    g_free(lanes->lane_of);
    g_free(lanes->first_lane);
    g_free(lanes->lengths);
    g_free(lanes->first);
    g_free(lanes->last);
    g_free(lanes->next);
    g_free(lanes->keys);
    g_free(lanes);
}

/* Counts the task in.  Returns: its lane, after saying whether somebody is in it already. */
static uint32_t
enter(Lanes *lanes, DagTaskId id, bool *is_busy_out)
{
    uint32_t lane = lanes->lane_of[id];

    lanes
        ->lengths[lanes->n_classes > 1 ? dag__graph_task_use_class(lanes->graph, id) : 0]++;
    *is_busy_out = bit_set_has(&lanes->busy, lane);
    bit_set_add(&lanes->busy, lane);
    return lane;
}

/* Becomes the first of its lane. */
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

/* Becomes the last of its lane. */
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
        double moment = ++lanes->n_arrivals;

        lanes->keys[id] = lanes->order == DAG_ORDER_FIFO ? -moment : moment;
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

/* Returns: the lane of the class that is served next; there must be one. */
static uint32_t
first_busy(const Lanes *lanes, uint32_t class)
{
    return bit_set_next(&lanes->busy, lanes->first_lane[class]);
}

DagTaskId
dag__lanes_take(Lanes *lanes, uint32_t class)
{
    uint32_t lane = first_busy(lanes, class);
    DagTaskId id = lanes->first[lane];

    lanes->lengths[class]--;
    if (lanes->next && lanes->next[id] != DAG_TASK_NONE)
        lanes->first[lane] = lanes->next[id];
    else
        bit_set_remove(&lanes->busy, lane);
    return id;
}

size_t
dag__lanes_length(const Lanes *lanes, uint32_t class)
{
    return lanes->lengths[class];
}

bool
dag__lanes_goes_before(const Lanes *lanes, uint32_t class, uint32_t other)
{
    DagTaskId a = lanes->first[first_busy(lanes, class)];
    DagTaskId b = lanes->first[first_busy(lanes, other)];
    int32_t of_a = dag_graph_task_priority(lanes->graph, a);
    int32_t of_b = dag_graph_task_priority(lanes->graph, b);

    if (of_a != of_b)
        return of_a > of_b;
    if (lanes->keys[a] != lanes->keys[b])
        return lanes->keys[a] > lanes->keys[b];
    return dag_graph_position(lanes->graph, a) < dag_graph_position(lanes->graph, b);
}
