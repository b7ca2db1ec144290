/* SPDX-License-Identifier: MIT */
/*
 * Phases, longest first: within a phase the costliest task goes first, so that workers wait less
 * at the barrier (LPT; Graham, 1969: at most 4/3 times the optimum within a phase).  The barriers
 * still cost time.
 */
#include "strategies/strategies.h"

static void
phases_longest_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = dag_plan_cost(plan, id);
}

const DagStrategy dag__strategy_phases_longest = {
    .name = "phases-longest",
    .summary = "one phase after the other, longest task first within each",
    .source = "Graham 1969 (LPT), a phase at a time",
    .release = DAG_RELEASE_PHASE,
    .order = DAG_ORDER_KEY,
    .keys = phases_longest_keys,
};
