/* SPDX-License-Identifier: MIT */
/*
 * Random: a random ready task goes first.  This is the baseline: a strategy that does not beat it
 * gains nothing from the graph.  The same seed gives the same order.
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
    .summary = "no barrier; random order, given by the seed",
    .source = "folklore",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = random_keys,
};
