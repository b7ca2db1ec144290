/* SPDX-License-Identifier: MIT */
/*
 * Phases: a barrier after each phase; within a phase, the order of declaration.  A script with
 * phases written by hand runs like this.  Loses when the tasks of a phase differ in length: every
 * worker waits for the longest.
 */
#include "strategies/strategies.h"

const DagStrategy dag__strategy_phases = {
    .name = "phases",
    .summary = "one phase after the other, as declared within each",
    .source = "folklore",
    .release = DAG_RELEASE_PHASE,
    .order = DAG_ORDER_FIFO,
};
