/* SPDX-License-Identifier: MIT */
/*
 * Longest first: the costliest ready task goes first (LPT; Graham, 1969: at most 4/3 times the
 * optimum for tasks without dependencies).  Ignores successors, so it loses to the critical path
 * when a long chain begins with a short task.
 */
#include "strategies/strategies.h"

static void
longest_first_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = dag_plan_cost(plan, id);
}

const DagStrategy dag__strategy_longest_first = {
    .name = "longest-first",
    .summary = "no barrier; costliest ready task first",
    .source = "Graham 1969 (LPT)",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = longest_first_keys,
};
