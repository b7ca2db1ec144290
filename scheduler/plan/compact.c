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
 * up together, which makes the sum smaller, until another dependency gets tight.  Dependencies with
 * flow stay tight.  At the end there is no excess, and the flow proves that the sum is minimal.
 *
 * All moves go up from the earliest phases and are as small as possible, so the optimum with the
 * earliest phases is found.  The tasks of its connected parts fill all phases from the first one on.
 */
#include "plan/compact.h"

#define FAR UINT32_MAX

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
    uint32_t *phase;          /* [n]; borrowed */
    uint32_t *distance; /* [n]: steps, or phases, from a task with an excess; FAR: none */
    uint32_t *arc;      /* [n]: the next dependency to try */
    uint32_t *queue;    /* [n] */
    uint32_t *path;     /* [n + 1]: dependencies from a source */
} Compact;

static void
compact_init(Compact *it, const DagGraph *graph, uint32_t *phase)
{
    uint32_t n = (uint32_t)graph->n_tasks, m = graph->first_pred[n];

    *it = (Compact){.n = n, .first_in = graph->first_pred, .phase = phase};
    it->tail = g_new(DagTaskId, m + 1);
    it->head = g_new(DagTaskId, m + 1);
    it->first_out = g_new0(uint32_t, (size_t)n + 2);
    it->out = g_new(uint32_t, m + 1);
    it->flow = g_new0(uint32_t, m + 1);
    it->excess = g_new0(int64_t, (size_t)n + 1);
    it->distance = g_new(uint32_t, (size_t)n + 1);
    it->arc = g_new(uint32_t, (size_t)n + 1);
    it->queue = g_new(uint32_t, (size_t)n + 1);
    it->path = g_new(uint32_t, (size_t)n + 1);
    for (DagTaskId id = 0; id < n; id++) {
        DagIds preds = dag_graph_predecessors(graph, id);

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
    g_free(it->distance);
    g_free(it->arc);
    g_free(it->queue);
    g_free(it->path);
}

/* Return by how many phases the dependency is longer than it has to be. */
static uint32_t
slack_of(const Compact *it, uint32_t edge)
{
    return it->phase[it->head[edge]] - it->phase[it->tail[edge]] - 1;
}

static uint32_t
n_out(const Compact *it, DagTaskId id)
{
    return it->first_out[id + 1] - it->first_out[id];
}

/* Return the number of ways that flow might go from a task: on to its successors, or back from it. */
static uint32_t
n_arcs(const Compact *it, DagTaskId id)
{
    return n_out(it, id) + it->first_in[id + 1] - it->first_in[id];
}

/* Return the dependency of way number `arc`. */
static uint32_t
edge_of(const Compact *it, DagTaskId id, uint32_t arc)
{
    return arc < n_out(it, id) ? it->out[it->first_out[id] + arc]
                               : it->first_in[id] + arc - n_out(it, id);
}

/* Return the task to which way number `arc` leads; DAG_TASK_NONE if no flow can go there. */
static DagTaskId
target_of(const Compact *it, DagTaskId id, uint32_t arc)
{
    uint32_t edge = edge_of(it, id, arc);

    if (arc < n_out(it, id))
        return slack_of(it, edge) == 0 ? it->head[edge] : DAG_TASK_NONE;
    return it->flow[edge] > 0 ? it->tail[edge] : DAG_TASK_NONE;
}

/* Append the tasks next to `id` that are not in the queue[n] yet.  Returns: the length of the queue. */
static uint32_t
append_next(Compact *it, DagTaskId id, uint32_t n)
{
    for (uint32_t arc = 0; arc < n_arcs(it, id); arc++) {
        DagTaskId to = target_of(it, id, arc);

        if (to == DAG_TASK_NONE || it->distance[to] != FAR)
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
        it->arc[id] = 0;
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
    for (; it->arc[at] < n_arcs(it, at); it->arc[at]++) {
        DagTaskId to = target_of(it, at, it->arc[at]);

        if (to == DAG_TASK_NONE || it->distance[to] != it->distance[at] + 1)
            continue;
        it->path[(*length)++] = edge_of(it, at, it->arc[at]);
        return to;
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

/* Move the tasks of the queue, which an excess reaches, up until another dependency gets tight. */
static void
move_up(Compact *it, uint32_t n_reached)
{
    uint32_t least = FAR;

    for (uint32_t i = 0; i < n_reached; i++) {
        DagTaskId id = it->queue[i];

        for (uint32_t k = it->first_out[id]; k < it->first_out[id + 1]; k++)
            if (it->distance[it->head[it->out[k]]] == FAR)
                least = MIN(least, slack_of(it, it->out[k]));
    }
    g_assert(least > 0 && least < FAR); /* else the sum would fall without end */
    for (uint32_t i = 0; i < n_reached; i++)
        it->phase[it->queue[i]] += least;
}

uint32_t
dag__compact_phases(const DagGraph *graph, uint32_t *phase_of)
{
    Compact it;
    uint32_t n_phases = 0, n_reached;

    compact_init(&it, graph, phase_of);
    for (;;) {
        while (spread(&it, &n_reached))
            for (uint32_t i = 0; i < n_reached; i++)
                if (it.excess[it.queue[i]] > 0)
                    push_from(&it, it.queue[i]);
        if (n_reached == 0)
            break;
        move_up(&it, n_reached);
    }
    for (DagTaskId id = 0; id < it.n; id++)
        n_phases = MAX(n_phases, phase_of[id] + 1);
    compact_clear(&it);
    return n_phases;
}
