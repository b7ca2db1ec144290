/* SPDX-License-Identifier: MIT */
/*
 * The test of a graph for tiny tasks.
 */
#include "run/tiny/tiny.h"

static bool
is_tiny_task(const DagGraph *graph, DagTaskId id)
{
    return dag_graph_task_kind(graph, id)->is_tiny &&
           dag_graph_task_cost(graph, id) * 1e9 < DAG_TINY_NS;
}

bool
dag__is_tiny(const DagGraph *graph)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        if (!is_tiny_task(graph, id))
            return false;
    return true;
}
