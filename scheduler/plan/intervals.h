/* SPDX-License-Identifier: MIT */
/*
 * The lower bound that follows from the work that must be done between two moments.
 */
#pragma once

#include <dagrun/plan.h>

/* Raise the bound of a plan on `n_workers`, if the work on workers in some interval asks for it.  `bound`
 * is at least the critical path.  Cost: O(tasks log tasks), and about 50 ms. */
void dag__raise_by_intervals(const DagPlan *plan, unsigned n_workers, DagBound *bound);
