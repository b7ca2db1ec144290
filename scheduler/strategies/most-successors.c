/* SPDX-License-Identifier: MIT */
/*
 * Most successors: the task with the most direct successors goes first, so that many tasks become
 * ready soon (Kasahara and Narita, 1984, break ties of the critical path in this way).  Useful if
 * costs are unknown.  Loses when the critical path is long and has few branches.
 */
#include "strategies/strategies.h"

static void
most_successors_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = (double)dag_graph_successors(dag_plan_graph(plan), id).n;
}

const DagStrategy dag__strategy_most_successors = {
    .name = "most-successors",
    .summary = "no barrier; task that most others wait for first",
    .source = "Kasahara & Narita 1984 (MISF)",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = most_successors_keys,
};
