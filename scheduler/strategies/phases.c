/* SPDX-License-Identifier: MIT */
/*
 * Phases: a barrier after each phase; within one, in order of declaration.  What a person does
 * by hand, and what a phased script does.  Loses whenever tasks of a phase differ in length:
 * every worker waits for the longest.
 */
#include "strategies/strategies.h"

const DagStrategy dag__strategy_phases = {
    .name = "phases",
    .summary = "one phase after the other, as declared within each",
    .source = "folklore",
    .release = DAG_RELEASE_PHASE,
    .order = DAG_ORDER_FIFO,
};
