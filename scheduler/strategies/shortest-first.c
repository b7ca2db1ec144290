/* SPDX-License-Identifier: MIT */
/*
 * Shortest first: the cheapest ready task goes first, which gives many results early (SPT; Smith,
 * 1956: the least mean completion time on one machine).  Loses on makespan: the long tasks remain
 * for the end and run alone.
 */
#include "strategies/strategies.h"

static void
shortest_first_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = -dag_plan_cost(plan, id);
}

const DagStrategy dag__strategy_shortest_first = {
    .name = "shortest-first",
    .summary = "no barrier; cheapest ready task first",
    .source = "Smith 1956 (SPT)",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = shortest_first_keys,
};
