/* SPDX-License-Identifier: MIT */
/*
 * Critical path: the ready task with the longest remaining chain goes first (HLFET; Adam, Chandy
 * and Dickson, 1974).  Loses when costs are wrong, and to plain FIFO on a few graphs where two
 * long chains compete for the last worker.
 */
#include "strategies/strategies.h"

static void
critical_path_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = dag_plan_rank(plan, id);
}

const DagStrategy dag__strategy_critical_path = {
    .name = "critical-path",
    .summary = "no barrier; longest remaining chain first",
    .source = "Adam, Chandy & Dickson 1974",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = critical_path_keys,
};
