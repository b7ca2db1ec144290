/* SPDX-License-Identifier: MIT */
/*
 * A task takes what it uses of all its pools at once, when it starts, or nothing; nobody holds
 * one thing while it waits for another, so there is no deadlock over two pools (Coffman, Elphick
 * and Shoshani, 1971: without hold-and-wait there is none).
 *
 * Tasks that use the same are alike, so only the first of each class is looked at.  The classes
 * are few: the cost is O(classes log classes) each time something changes.
 */
#include "ready/pools.h"

#include "model/graph.h"

struct Pools {
    const DagGraph *graph;
    size_t n_pools;
    uint32_t n_classes;
    uint32_t *left;       /* [n_pools]: slots that are free */
    DagTaskId *member;    /* [n_classes]: any task of the class */
    bool *is_waited_for;  /* [n_pools]: scratch */
    uint32_t *candidates; /* [n_classes]: scratch */
};

Pools *
dag__pools_new(const DagGraph *graph)
{
    Pools *pools = g_new0(Pools, 1);
    const DagPool *declared = dag_graph_pools(graph, &pools->n_pools);

    pools->graph = graph;
    pools->n_classes = dag__graph_n_use_classes(graph);
    pools->left = g_new(uint32_t, pools->n_pools);
    pools->is_waited_for = g_new(bool, pools->n_pools);
    pools->candidates = g_new(uint32_t, pools->n_classes);
    pools->member = g_new0(DagTaskId, pools->n_classes);
    for (size_t i = 0; i < pools->n_pools; i++)
        pools->left[i] = declared[i].slots;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        pools->member[dag__graph_task_use_class(graph, id)] = id;
    return pools;
}

void
dag__pools_free(Pools *pools)
{
    if (!pools)
        return;
    g_free(pools->left);
    g_free(pools->is_waited_for);
    g_free(pools->candidates);
    g_free(pools->member);
    g_free(pools);
}

static int
compare_classes(gconstpointer a, gconstpointer b, gpointer queue)
{
    uint32_t class = *(const uint32_t *)a, other = *(const uint32_t *)b;

    if (class == other)
        return 0;
    return dag__ready_queue_goes_before(queue, class, other) ? -1 : 1;
}

/* Returns: whether a task of the class can start and overtakes nobody; if not, all that it wants
 * is waited for. */
static bool
admit(Pools *pools, uint32_t class)
{
    size_t n;
    const DagUse *uses = dag_graph_task_uses(pools->graph, pools->member[class], &n);
    bool fits = true;

    for (size_t i = 0; i < n; i++)
        fits = fits && !pools->is_waited_for[uses[i].pool] &&
               uses[i].slots <= pools->left[uses[i].pool];
    for (size_t i = 0; i < n && !fits; i++)
        pools->is_waited_for[uses[i].pool] = true;
    return fits;
}

uint32_t
dag__pools_choose(Pools *pools, const ReadyQueue *queue)
{
    uint32_t n = 0;

    for (uint32_t class = 0; class < pools->n_classes; class ++)
        if (dag__ready_queue_length(queue, class) > 0)
            pools->candidates[n++] = class;
    g_qsort_with_data(pools->candidates, (gint)n, sizeof(uint32_t), compare_classes,
                      (gpointer)queue);
    for (size_t i = 0; i < pools->n_pools; i++)
        pools->is_waited_for[i] = false;
    for (uint32_t i = 0; i < n; i++)
        if (admit(pools, pools->candidates[i]))
            return pools->candidates[i];
    return NO_CLASS;
}

void
dag__pools_take(Pools *pools, DagTaskId id)
{
    size_t n;
    const DagUse *uses = dag_graph_task_uses(pools->graph, id, &n);

    for (size_t i = 0; i < n; i++)
        pools->left[uses[i].pool] -= uses[i].slots;
}

void
dag__pools_give_back(Pools *pools, DagTaskId id)
{
    size_t n;
    const DagUse *uses = dag_graph_task_uses(pools->graph, id, &n);

    for (size_t i = 0; i < n; i++)
        pools->left[uses[i].pool] += uses[i].slots;
}
