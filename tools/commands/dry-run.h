/* SPDX-License-Identifier: MIT */
/*
 * dagrun run --dry-run: prints the tasks in start order, without running them.
 */
#pragma once

#include <dagrun/strategy.h>

/* Print every task in the order in which one worker starts them.  Known values are substituted. */
void dry_run(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed);
