/* SPDX-License-Identifier: MIT */
/*
 * Most successors: the task that the most others directly wait for goes first, so that there is
 * soon much to choose from (Kasahara and Narita, 1984, break the ties of the critical path so).
 * Needs no costs, which is when it is of use; loses when a chain is long and thin.
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
