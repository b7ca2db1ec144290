/* SPDX-License-Identifier: MIT */
/*
 * Random: lots are drawn for who goes first.  The yardstick: a strategy that does not beat it
 * knows nothing about the graph.  The same seed draws the same lots.
 */
#include "strategies/strategies.h"

/* SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every machine. */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static void
random_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = (double)(next_random(&seed) >> 11);
}

const DagStrategy dag__strategy_random = {
    .name = "random",
    .summary = "no barrier; lots are drawn (--seed)",
    .source = "folklore",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = random_keys,
};
