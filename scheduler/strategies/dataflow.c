/* SPDX-License-Identifier: MIT */
/*
 * Dataflow: a task starts as soon as a worker is free and its dependencies have succeeded; first
 * ready, first started (list scheduling; Graham, 1966: at most 2 - 1/workers of the best).
 * Loses when the task that matters became ready late.
 */
#include "strategies/strategies.h"

const DagStrategy dag__strategy_dataflow = {
    .name = "dataflow",
    .summary = "no barrier; first ready, first started",
    .source = "Graham 1966",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_FIFO,
};
