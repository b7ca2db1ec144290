/* SPDX-License-Identifier: MIT */
/*
 * The table of strategies, the default first.
 */
#include "strategies/strategies.h"

#include <string.h>

static const DagStrategy *const strategies[] = {
    &dag__strategy_phases,
    &dag__strategy_phases_longest,
    &dag__strategy_dataflow,
    &dag__strategy_depth_first,
    &dag__strategy_critical_path,
    &dag__strategy_cp_misf,
    &dag__strategy_slack,
    &dag__strategy_longest_first,
    &dag__strategy_shortest_first,
    &dag__strategy_most_successors,
    &dag__strategy_random,
    &dag__strategy_optimal,
    &dag__strategy_heft,
    &dag__strategy_cpop,
    NULL,
};

const DagStrategy *const *
dag_strategies(void)
{
    return strategies;
}

const DagStrategy *
dag_strategy_find(const char *name)
{
    g_return_val_if_fail(name, NULL);

    for (size_t i = 0; strategies[i]; i++)
        if (strcmp(strategies[i]->name, name) == 0)
            return strategies[i];
    return NULL;
}
