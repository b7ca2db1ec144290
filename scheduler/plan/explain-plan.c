/* SPDX-License-Identifier: MIT */
/*
 * Facts about a whole plan: gains on its critical path, and dependencies without need.
 */
#include <dagrun/explain.h>

#include "plan/headroom.h"
#include "plan/redundant.h"

/* Shorter chains are too common to be told. */
#define LEAST_CHAIN 3

/*
 * Return the task that can only follow `id` because its `needs` say so, or DAG_TASK_NONE: it is the
 * only successor, needs no other task, and names neither the output nor the outcome of `id`.
 */
static DagTaskId
bare_follower(const DagGraph *graph, DagTaskId id)
{
    DagIds succs = dag_graph_successors(graph, id);

    if (succs.n != 1 || dag_graph_predecessors(graph, succs.ids[0]).n != 1 ||
        !dag_graph_dependency_is_bare(graph, succs.ids[0], 0) ||
        dag_graph_task_policy(graph, succs.ids[0])->always)
        return DAG_TASK_NONE;
    return succs.ids[0];
}

/* Return true if a chain of bare dependencies begins with `id`. */
static bool
begins_chain(const DagGraph *graph, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(graph, id);

    return preds.n != 1 || bare_follower(graph, preds.ids[0]) != id;
}

/* Each task is in one chain at most, so this takes O(tasks). */
static void
find_chains(DagExplanation *it, const DagGraph *graph)
{
    GArray *tasks = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    GArray *first = g_array_new(FALSE, FALSE, sizeof(size_t));
    DagIds declared = dag_graph_declared(graph);
    size_t start = 0;

    g_array_append_val(first, start);
    for (size_t i = 0; i < declared.n; i++) {
        DagTaskId id = declared.ids[i];

        if (!begins_chain(graph, id))
            continue;
        for (; id != DAG_TASK_NONE; id = bare_follower(graph, id))
            g_array_append_val(tasks, id);
        if (tasks->len - start < LEAST_CHAIN) {
            g_array_set_size(tasks, (guint)start);
            continue;
        }
        start = tasks->len;
        g_array_append_val(first, start);
    }
    it->n_chains = first->len - 1;
    it->chain_tasks = (DagTaskId *)(void *)g_array_free(tasks, FALSE);
    it->first_of_chain = (size_t *)(void *)g_array_free(first, FALSE);
}

static void
find_single_phases(DagExplanation *it, const DagPlan *plan)
{
    size_t n_phases = dag_plan_n_phases(plan);

    it->single_phases = g_new(uint32_t, n_phases + 1);
    for (uint32_t phase = 0; n_phases > 1 && phase < n_phases; phase++)
        if (dag_plan_phase_tasks(plan, phase).n == 1)
            it->single_phases[it->n_single_phases++] = phase;
}

DagExplanation *
dag_explain_plan(const DagPlan *plan)
{
    g_return_val_if_fail(plan, NULL);

    const DagGraph *graph = dag_plan_graph(plan);
    DagExplanation *it = g_new0(DagExplanation, 1);
    GArray *redundancies = dag__redundancies(graph, &it->n_searched);

    it->headrooms = dag__headrooms(plan);
    it->n_redundancies = redundancies->len;
    it->redundancies = (DagRedundancy *)(void *)g_array_free(redundancies, FALSE);
    find_chains(it, graph);
    find_single_phases(it, plan);
    return it;
}

void
dag_explanation_free(DagExplanation *it)
{
    if (!it)
        return;
    g_free(it->headrooms);
    g_free(it->redundancies);
    g_free(it->chain_tasks);
    g_free(it->first_of_chain);
    g_free(it->single_phases);
    g_free(it);
}

DagIds
dag_explanation_chain(const DagExplanation *it, size_t i)
{
    g_return_val_if_fail(it && i < it->n_chains, (DagIds){0});
    size_t first = it->first_of_chain[i];

    return (DagIds){it->chain_tasks + first, it->first_of_chain[i + 1] - first};
}
