/* SPDX-License-Identifier: MIT */
/*
 * Depth first: the task that became ready last goes first.  One chain is finished before the
 * next begins, few outputs are alive at a time, and caches stay warm (the order in which a
 * work-stealing worker runs its own tasks; Blumofe and Leiserson, 1999).  Loses when the
 * critical path waits at the bottom of the stack.
 */
#include "strategies/strategies.h"

const DagStrategy dag__strategy_depth_first = {
    .name = "depth-first",
    .summary = "no barrier; last ready, first started",
    .source = "Blumofe & Leiserson 1999",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_LIFO,
};
