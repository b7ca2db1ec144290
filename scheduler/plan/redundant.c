/* SPDX-License-Identifier: MIT */
/*
 * Dependencies that others imply: the edges that a transitive reduction removes (Aho, Garey and
 * Ullman, 1972), without those that have another effect, too.
 *
 * For each task a search goes from its predecessors towards their own.  A predecessor that it reaches
 * is implied.  It does not go below the smallest id of the predecessors, nor to a level that none of
 * them has.  In the worst case it takes O(tasks x dependencies), so it has a budget.
 */
#include "plan/redundant.h"

#include "model/numbers.h"

/* Dependencies that may be followed: about half a second. */
#define BUDGET 40000000

typedef struct Search {
    const DagGraph *graph;
    uint32_t *level;   /* [n_tasks]: length of the longest chain before the task */
    uint32_t *seen;    /* [n_tasks]: the last task that reached this one, + 1 */
    uint32_t *through; /* [n_tasks]: the predecessor from which the search came there */
    DagNumbers stack;
    DagTaskId task;  /* its dependencies are searched */
    DagTaskId root;  /* the predecessor of it from which the search comes */
    uint32_t lowest; /* the lowest level of a dependency that may be implied */
    GArray *found;   /* of DagRedundancy */
    size_t n_followed;
} Search;

static bool
is_cleanup(const Search *search, DagTaskId id)
{
    return dag_graph_task_policy(search->graph, id)->always;
}

/* Follow the dependencies of `from`. */
static void
follow(Search *search, DagTaskId from)
{
    DagIds preds = dag_graph_predecessors(search->graph, from);

    /* A clean-up runs after a failure, too, so it implies nothing. */
    if (is_cleanup(search, from))
        return;
    search->n_followed += preds.n;
    for (size_t i = 0; i < preds.n; i++) {
        DagTaskId id = preds.ids[i];

        if (search->level[id] < search->lowest || search->seen[id] == search->task + 1)
            continue;
        search->seen[id] = search->task + 1;
        search->through[id] = search->root;
        dag__numbers_add(&search->stack, id);
    }
}

/* Go from predecessor `root` of the task towards its own, unless the search was there. */
static void
search_from(Search *search, DagTaskId root)
{
    if (search->seen[root] == search->task + 1)
        return;
    search->root = root;
    follow(search, root);
    while (search->stack.n > 0)
        follow(search, search->stack.items[--search->stack.n]);
}

/* Search the dependencies of one task. */
static void
search_task(Search *search, DagTaskId task)
{
    DagIds preds = dag_graph_predecessors(search->graph, task);

    search->task = task;
    search->lowest = UINT32_MAX;
    for (size_t i = 0; i < preds.n; i++)
        if (dag_graph_dependency_is_bare(search->graph, task, i))
            search->lowest = MIN(search->lowest, search->level[preds.ids[i]]);
    if (preds.n < 2 || search->lowest == UINT32_MAX || is_cleanup(search, task))
        return;
    for (size_t i = 0; i < preds.n; i++)
        search_from(search, preds.ids[i]);
    for (size_t i = 0; i < preds.n; i++)
        if (search->seen[preds.ids[i]] == task + 1 &&
            dag_graph_dependency_is_bare(search->graph, task, i)) {
            DagRedundancy it = {task, preds.ids[i], search->through[preds.ids[i]]};

            g_array_append_val(search->found, it);
        }
}

/* Set the levels. */
static void
find_levels(Search *search, size_t n)
{
    for (DagTaskId id = 0; id < n; id++) {
        DagIds preds = dag_graph_predecessors(search->graph, id);

        for (size_t i = 0; i < preds.n; i++)
            search->level[id] = MAX(search->level[id], search->level[preds.ids[i]] + 1);
    }
}

GArray *
dag__redundancies(const DagGraph *graph, DagTaskId *n_searched_out)
{
    size_t n = dag_graph_n_tasks(graph);
    Search search = {.graph = graph,
                     .level = g_new0(uint32_t, n),
                     .seen = g_new0(uint32_t, n),
                     .through = g_new(uint32_t, n),
                     .found = g_array_new(FALSE, FALSE, sizeof(DagRedundancy))};
    DagTaskId task = 0;

    find_levels(&search, n);
    for (; task < n && search.n_followed < BUDGET; task++)
        search_task(&search, task);
    *n_searched_out = task;
    g_free(search.level);
    g_free(search.seen);
    g_free(search.through);
    g_free(search.stack.items);
    return search.found;
}
