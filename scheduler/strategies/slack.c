/* SPDX-License-Identifier: MIT */
/*
 * Slack: the ready task that can be delayed least goes first (MINSLK; Davis and Patterson, 1975,
 * with the slack as planned, which does not change during the run).  Loses to the critical path
 * when several chains are about as long: their slack is alike, whatever is left of them.
 */
#include "strategies/strategies.h"

static void
slack_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = -dag_plan_slack(plan, id);
}

const DagStrategy dag__strategy_slack = {
    .name = "slack",
    .summary = "no barrier; least slack first",
    .source = "Davis & Patterson 1975 (MINSLK)",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = slack_keys,
};
