/* SPDX-License-Identifier: MIT */
/*
 * Random: lots are drawn for who goes first.  The yardstick: a strategy that does not beat it
 * knows nothing about the graph.  The same seed draws the same lots.
 */
#include "strategies/strategies.h"

#include "model/random.h"

static void
random_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = (double)(dag__random_next(&seed) >> 11);
}

const DagStrategy dag__strategy_random = {
    .name = "random",
    .summary = "no barrier; lots are drawn (--seed)",
    .source = "folklore",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = random_keys,
};
