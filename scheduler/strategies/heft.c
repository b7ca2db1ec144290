/* SPDX-License-Identifier: MIT */
/*
 * HEFT, heterogeneous earliest finish time (Topcuoglu, Hariri and Wu, 2002): tasks in order of upward rank,
 * with mean costs and mean transfers, each on the worker on which it ends first, also in a gap between
 * tasks placed before.  Loses when an early choice of a fast worker forces large transfers later.
 *
 * Workers that are alike send each other nothing: the upward rank is then the rank of the plan, and a run
 * fills each gap with what is ready, so heft orders tasks as critical-path does.
 */
#include "strategies/strategies.h"
#include "strategies/unlike/unlike.h"

#include <stdlib.h>

typedef struct Turn {
    double rank;
    DagTaskId id;
} Turn;

/* A predecessor has the larger rank, or the same one and the smaller id. */
static int
compare_turns(const void *left, const void *right)
{
    const Turn *a = left, *b = right;

    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

void
dag__place_heft(const DagPlan *plan, DagPlacement *placement_out)
{
    Unlike it;

    unlike_init(&it, plan);

    g_autofree double *upward = g_new(double, it.n_tasks + 1);
    g_autofree double *downward = g_new(double, it.n_tasks + 1);
    g_autofree Turn *turns = g_new(Turn, it.n_tasks + 1);

    unlike_ranks(&it, upward, downward);
    for (DagTaskId id = 0; id < it.n_tasks; id++)
        turns[id] = (Turn){upward[id], id};
    qsort(turns, it.n_tasks, sizeof(Turn), compare_turns);
    for (uint32_t i = 0; i < it.n_tasks; i++)
        unlike_place_best(&it, turns[i].id);
    unlike_take(&it, placement_out);
    unlike_clear(&it);
}

static void
heft_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = dag_plan_rank(plan, id);
}

const DagStrategy dag__strategy_heft = {
    .name = "heft",
    .summary = "for unlike workers: each task where it ends first, by rank",
    .source = "Topcuoglu, Hariri & Wu 2002",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = heft_keys,
    .place = dag__place_heft,
};
