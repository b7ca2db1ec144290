/* SPDX-License-Identifier: MIT */
/*
 * Phases for which the sum of (phase of the task - phase of its predecessor) over all dependencies is
 * minimal.  Gansner, Koutsofios, North and Vo (1993) solve this linear program by network simplex; this
 * is the primal-dual method for its dual, a flow of minimal cost (Ford and Fulkerson, 1962).
 *
 * If a task moves up by one phase, the sum changes by the number of its predecessors less that of its
 * successors.  So a task with more successors wants to move (its excess), and pushes those right behind it:
 * flow runs along tight dependencies, which span one phase, from tasks that want to move to tasks
 * that lose by it (a lack).  If the flow cannot be larger, the tasks that an excess still reaches move
 * up together, which makes the sum smaller, until dependencies get tight.  How far each moves is found for all
 * tasks at once: a dependency that has k phases more than it needs is a step of length k, one with flow can also be
 * walked back at no cost, and a task moves up less, the longer the shortest way to it from an excess is (Dijkstra,
 * 1959, with keys that never fall; Ahuja, Mehlhorn, Orlin and Tarjan, 1990).  Then the way to every lack that an
 * excess can reach is tight.  Dependencies with flow stay tight.  At the end there is no excess, and the flow
 * proves that the sum is minimal.
 *
 * All optima keep dependencies with flow tight, and no other condition is left: so the one with the earliest phases
 * is found at the end by lowering each task as far as these and the first phase allow.
 */
#include "plan/compact.h"

#define FAR       UINT32_MAX
#define VERY_FAR  INT64_MAX
#define N_BUCKETS 65 /* of a queue: one for each length of a number, and one for 0 */

/* A task, and the length of a way to it. */
typedef struct Way {
    int64_t length;
    DagTaskId id;
} Way;

/* A tight dependency, from one of its tasks. */
typedef struct Arc {
    DagTaskId to; /* the other task */
    uint32_t edge;
} Arc;

/* A queue from which the shortest way is taken; none that is put in is shorter than the last one taken (a radix
 * heap).  A way is in the bucket of the highest bit in which its length differs from that one. */
typedef struct Ways {
    GArray *buckets[N_BUCKETS]; /* of Way */
    int64_t last;
} Ways;

/* A dependency has the number of its place in the rows of predecessors. */
typedef struct Compact {
    uint32_t n;
    const uint32_t *first_in; /* [n + 1]: dependencies of a task */
    DagTaskId *tail;          /* [dependencies]: the predecessor */
    DagTaskId *head;          /* [dependencies]: the successor */
    uint32_t *first_out;      /* [n + 2]: row of `out` */
    uint32_t *out;            /* [dependencies]: those that a task is the predecessor of */
    uint32_t *flow;           /* [dependencies] */
    int64_t *excess;          /* [n]; negative: a lack */
    int64_t *phase;           /* [n]: only the differences count until the end */
    int64_t *way;             /* [n]: length of the shortest way; VERY_FAR: none */
    Ways ways;
    Arc *arcs;            /* [2 * dependencies]: the tight ones */
    uint32_t *first_arc;  /* [n + 1]: row of `arcs` */
    uint32_t *first_back; /* [n]: where the predecessors in the row begin */
    uint32_t *distance;   /* [n]: steps from a task with an excess; FAR: none */
    uint32_t *arc;        /* [n]: the next one of `arcs` to try */
    uint32_t *queue;      /* [n] */
    uint32_t *path;       /* [n + 1]: dependencies from a source */
} Compact;

static void
compact_init(Compact *it, const DagGraph *graph, const uint32_t *phase_of)
{
    uint32_t n = (uint32_t)graph->n_tasks, m = graph->first_pred[n];

    *it = (Compact){.n = n, .first_in = graph->first_pred};
    it->tail = g_new(DagTaskId, m + 1);
    it->head = g_new(DagTaskId, m + 1);
    it->first_out = g_new0(uint32_t, (size_t)n + 2);
    it->out = g_new(uint32_t, m + 1);
    it->flow = g_new0(uint32_t, m + 1);
    it->phase = g_new(int64_t, (size_t)n + 1);
    it->arcs = g_new(Arc, 2 * (size_t)m + 1);
    it->first_arc = g_new(uint32_t, (size_t)n + 1);
    it->first_back = g_new(uint32_t, (size_t)n + 1);
    it->way = g_new(int64_t, (size_t)n + 1);
    for (int i = 0; i < N_BUCKETS; i++)
        it->ways.buckets[i] = g_array_new(FALSE, FALSE, sizeof(Way));
    it->excess = g_new0(int64_t, (size_t)n + 1);
    it->distance = g_new(uint32_t, (size_t)n + 1);
    it->arc = g_new(uint32_t, (size_t)n + 1);
    it->queue = g_new(uint32_t, (size_t)n + 1);
    it->path = g_new(uint32_t, (size_t)n + 1);
    for (DagTaskId id = 0; id < n; id++) {
        DagIds preds = dag_graph_predecessors(graph, id);

        it->phase[id] = phase_of[id];
        for (uint32_t p = 0; p < preds.n; p++) {
            uint32_t edge = it->first_in[id] + p;

            it->tail[edge] = preds.ids[p];
            it->head[edge] = id;
            it->first_out[preds.ids[p] + 2]++;
            it->excess[preds.ids[p]]++;
            it->excess[id]--;
        }
    }
    for (uint32_t id = 0; id < n; id++)
        it->first_out[id + 2] += it->first_out[id + 1];
    for (uint32_t edge = 0; edge < m; edge++)
        it->out[it->first_out[it->tail[edge] + 1]++] = edge;
}

static void
compact_clear(Compact *it)
{
    g_free(it->tail);
    g_free(it->head);
    g_free(it->first_out);
    g_free(it->out);
    g_free(it->flow);
    g_free(it->excess);
    g_free(it->phase);
    g_free(it->way);
    g_free(it->arcs);
    g_free(it->first_arc);
    g_free(it->first_back);
    for (int i = 0; i < N_BUCKETS; i++)
        g_array_unref(it->ways.buckets[i]);
    g_free(it->distance);
    g_free(it->arc);
    g_free(it->queue);
    g_free(it->path);
}

/* Return by how many phases the dependency is longer than it has to be. */
static int64_t
slack_of(const Compact *it, uint32_t edge)
{
    return it->phase[it->head[edge]] - it->phase[it->tail[edge]] - 1;
}

/* Collect the dependencies that are tight now; only along these flow can go.  Most are not. */
static void
collect_tight(Compact *it)
{
    uint32_t n_arcs = 0;

    for (DagTaskId id = 0; id < it->n; id++) {
        it->first_arc[id] = n_arcs;
        for (uint32_t k = it->first_out[id]; k < it->first_out[id + 1]; k++)
            if (slack_of(it, it->out[k]) == 0)
                it->arcs[n_arcs++] = (Arc){it->head[it->out[k]], it->out[k]};
        it->first_back[id] = n_arcs;
        for (uint32_t edge = it->first_in[id]; edge < it->first_in[id + 1]; edge++)
            if (slack_of(it, edge) == 0)
                it->arcs[n_arcs++] = (Arc){it->tail[edge], edge};
    }
    it->first_arc[it->n] = n_arcs;
}

/* Return whether flow can go along the arc, which is one of `id`: on to a successor, or back from it. */
static bool
is_open(const Compact *it, DagTaskId id, uint32_t arc)
{
    return arc < it->first_back[id] || it->flow[it->arcs[arc].edge] > 0;
}

/* Append the tasks next to `id` that are not in the queue[n] yet.  Returns: the length of the queue. */
static uint32_t
append_next(Compact *it, DagTaskId id, uint32_t n)
{
    for (uint32_t arc = it->first_arc[id]; arc < it->first_arc[id + 1]; arc++) {
        DagTaskId to = it->arcs[arc].to;

        if (it->distance[to] != FAR || !is_open(it, id, arc))
            continue;
        it->distance[to] = it->distance[id] + 1;
        it->queue[n++] = to;
    }
    return n;
}

/* Find the tasks that an excess reaches, up to the nearest lack, and their distance in steps; put them into
 * the queue.
 * Returns: whether one of them has a lack. */
static bool
spread(Compact *it, uint32_t *n_reached_out)
{
    uint32_t n = 0,
             nearest = FAR; /* distance of the nearest lack: no path need be longer */

    for (DagTaskId id = 0; id < it->n; id++) {
        it->distance[id] = it->excess[id] > 0 ? 0 : FAR;
        it->arc[id] = it->first_arc[id];
        if (it->excess[id] > 0)
            it->queue[n++] = id;
    }
    for (uint32_t i = 0; i < n && it->distance[it->queue[i]] < nearest; i++) {
        if (it->excess[it->queue[i]] < 0)
            nearest = it->distance[it->queue[i]];
        else
            n = append_next(it, it->queue[i], n);
    }
    *n_reached_out = n;
    return nearest != FAR;
}

/* Push as much flow as possible along path[length], from `source` to `sink`. */
static void
push(Compact *it, DagTaskId source, DagTaskId sink, uint32_t length)
{
    int64_t amount = MIN(it->excess[source], -it->excess[sink]);
    DagTaskId at = source;

    for (uint32_t i = 0; i < length; i++) {
        uint32_t edge = it->path[i];
        bool is_back = it->head[edge] == at;

        if (is_back)
            amount = MIN(amount, it->flow[edge]);
        at = is_back ? it->tail[edge] : it->head[edge];
    }
    it->excess[source] -= amount;
    it->excess[sink] += amount;
    at = source;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t edge = it->path[i];
        bool is_back = it->head[edge] == at;

        at = is_back ? it->tail[edge] : it->head[edge];
        if (is_back)
            it->flow[edge] -= (uint32_t)amount;
        else
            it->flow[edge] += (uint32_t)amount;
    }
}

/* Move on from the end of the path, one step away from the source, or one back.
 * Returns: the new end of the path. */
static DagTaskId
walk(Compact *it, DagTaskId at, uint32_t *length)
{
    for (; it->arc[at] < it->first_arc[at + 1]; it->arc[at]++) {
        const Arc *arc = &it->arcs[it->arc[at]];

        if (it->distance[arc->to] != it->distance[at] + 1 || !is_open(it, at, it->arc[at]))
            continue;
        it->path[(*length)++] = arc->edge;
        return arc->to;
    }
    if (*length > 0) {
        uint32_t edge = it->path[--*length];

        it->distance[at] = FAR; /* a dead end */
        return it->head[edge] == at ? it->tail[edge] : it->head[edge];
    }
    return DAG_TASK_NONE;
}

/* Push the excess of a task along shortest paths (Dinic, 1970). */
static void
push_from(Compact *it, DagTaskId source)
{
    DagTaskId at = source;
    uint32_t length = 0;

    while (it->excess[source] > 0 && at != DAG_TASK_NONE) {
        if (it->excess[at] < 0) {
            push(it, source, at, length);
            at = source;
            length = 0;
        } else {
            at = walk(it, at, &length);
        }
    }
}

static void
add_way(Ways *ways, int64_t length, DagTaskId id)
{
    uint64_t differing = (uint64_t)(length ^ ways->last);
    Way way = {length, id};

    g_array_append_val(ways->buckets[differing ? 64 - __builtin_clzll(differing) : 0], way);
}

/* Take a shortest way.  Returns: false if there is none. */
static bool
take_way(Ways *ways, Way *way_out)
{
    GArray *first = ways->buckets[0];
    int i = 0;

    while (i < N_BUCKETS && ways->buckets[i]->len == 0)
        i++;
    if (i == N_BUCKETS)
        return false;
    if (i > 0) {
        GArray *bucket = ways->buckets[i];
        const Way *items = (const Way *)(void *)bucket->data;

        ways->last = items[0].length;
        for (guint k = 1; k < bucket->len; k++)
            ways->last = MIN(ways->last, items[k].length);
        for (guint k = 0; k < bucket->len; k++)
            add_way(ways, items[k].length, items[k].id); /* to a bucket before this one */
        g_array_set_size(bucket, 0);
    }
    *way_out = g_array_index(first, Way, first->len - 1);
    g_array_set_size(first, first->len - 1);
    return true;
}

/* Note a way to a task, unless a shorter one is known. */
static void
note_way(Compact *it, int64_t length, DagTaskId id)
{
    if (length >= it->way[id])
        return;
    it->way[id] = length;
    add_way(&it->ways, length, id);
}

/* Find the shortest ways; way[n] has those that are known. */
static void
find_ways(Compact *it)
{
    Way at;

    it->ways.last = 0;
    for (DagTaskId id = 0; id < it->n; id++)
        if (it->way[id] < VERY_FAR)
            add_way(&it->ways, it->way[id], id);
    while (take_way(&it->ways, &at)) {
        if (at.length > it->way[at.id])
            continue; /* a shorter one was taken before */
        for (uint32_t k = it->first_out[at.id]; k < it->first_out[at.id + 1]; k++)
            note_way(it, at.length + slack_of(it, it->out[k]), it->head[it->out[k]]);
        for (uint32_t edge = it->first_in[at.id]; edge < it->first_in[at.id + 1]; edge++)
            if (it->flow[edge] > 0)
                note_way(it, at.length, it->tail[edge]);
    }
}

/* Move tasks up until the ways from the excesses to all lacks are tight. */
static void
move_up(Compact *it)
{
    int64_t farthest = -1;

    for (DagTaskId id = 0; id < it->n; id++)
        it->way[id] = it->excess[id] > 0 ? 0 : VERY_FAR;
    find_ways(it);
    for (DagTaskId id = 0; id < it->n; id++)
        if (it->excess[id] < 0 && it->way[id] < VERY_FAR)
            farthest = MAX(farthest, it->way[id]);
    g_assert(farthest > 0); /* else the sum would fall without end */
    for (DagTaskId id = 0; id < it->n; id++)
        it->phase[id] += farthest - MIN(it->way[id], farthest);
}

/* Lower each task as far as the optimum allows.  Fill phase_of[n].  Returns: the number of phases. */
static uint32_t
settle(Compact *it, uint32_t *phase_of)
{
    int64_t least = VERY_FAR;
    uint32_t n_phases = 0;

    for (DagTaskId id = 0; id < it->n; id++)
        least = MIN(least, it->phase[id]);
    for (DagTaskId id = 0; id < it->n; id++)
        it->way[id] = it->phase[id] - least;
    find_ways(it);
    for (DagTaskId id = 0; id < it->n; id++) {
        phase_of[id] = (uint32_t)(it->phase[id] - least - it->way[id]);
        n_phases = MAX(n_phases, phase_of[id] + 1);
    }
    return n_phases;
}

uint32_t
dag__compact_phases(const DagGraph *graph, uint32_t *phase_of)
{
    Compact it;
    uint32_t n_phases, n_reached;

    compact_init(&it, graph, phase_of);
    for (;;) {
        collect_tight(&it);
        while (spread(&it, &n_reached))
            for (uint32_t i = 0; i < n_reached; i++)
                if (it.excess[it.queue[i]] > 0)
                    push_from(&it, it.queue[i]);
        if (n_reached == 0)
            break;
        move_up(&it);
    }
    n_phases = settle(&it, phase_of);
    compact_clear(&it);
    return n_phases;
}
