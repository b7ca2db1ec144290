/* SPDX-License-Identifier: MIT */
/*
 * Ids are topological: each successor has a larger id than its predecessors, so one loop from
 * the last task to the first sees every successor before the task.
 */
#include "plan/ranks.h"

void
dag__ranks(const DagGraph *graph, const double *costs, double *rank_out)
{
    for (DagTaskId id = (DagTaskId)dag_graph_n_tasks(graph); id-- > 0;) {
        DagIds succs = dag_graph_successors(graph, id);
        double after = 0;

        for (size_t s = 0; s < succs.n; s++)
            after = MAX(after, rank_out[succs.ids[s]]);
        rank_out[id] = costs[id] < 0 ? 0 : costs[id] + after;
    }
}

/* Return the task of largest rank; DAG_TASK_NONE if every task is left out. */
static DagTaskId
highest(const DagGraph *graph, const double *costs, const double *ranks, DagIds tasks)
{
    DagTaskId best = DAG_TASK_NONE;

    for (size_t i = 0; i < tasks.n; i++) {
        DagTaskId id = tasks.ids[i];

        if (costs[id] < 0)
            continue;
        if (best == DAG_TASK_NONE || ranks[id] > ranks[best] ||
            (ranks[id] == ranks[best] &&
             dag_graph_position(graph, id) < dag_graph_position(graph, best)))
            best = id;
    }
    return best;
}

GArray *
dag__longest_chain(const DagGraph *graph, const double *costs, const double *ranks)
{
    GArray *chain = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    DagTaskId id = highest(graph, costs, ranks, dag_graph_declared(graph));

    while (id != DAG_TASK_NONE) {
        g_array_append_val(chain, id);
        id = highest(graph, costs, ranks, dag_graph_successors(graph, id));
    }
    return chain;
}
