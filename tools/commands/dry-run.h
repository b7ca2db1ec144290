/* SPDX-License-Identifier: MIT */
/*
 * What would run, without running it.
 */
#pragma once

#include <dagrun/strategy.h>

/* Prints every task in the order in which one worker would start them, with every value that is
 * known filled in. */
void dry_run(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed);
