/* SPDX-License-Identifier: MIT */
/*
 * Dataflow: a task starts as soon as its dependencies have succeeded and a worker is free; first
 * ready, first started (list scheduling; Graham, 1966: at most 2 - 1/workers times the optimum).
 * Loses when a task on the critical path becomes ready late.
 */
#include "strategies/strategies.h"

const DagStrategy dag__strategy_dataflow = {
    .name = "dataflow",
    .summary = "no barrier; first ready, first started",
    .source = "Graham 1966",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_FIFO,
};
