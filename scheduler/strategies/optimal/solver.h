/* SPDX-License-Identifier: MIT */
/*
 * Solve P | prec | Cmax: heuristics, lower bounds, and search between them until they meet or
 * the time is used up.
 */
#pragma once

#include "strategies/optimal/scheme.h"

#include <dagrun/strategy.h>

typedef struct Solution {
    int64_t *start; /* [n]; owned */
    int64_t makespan;
    bool is_first;    /* it is that of list scheduling in the order that was given */
    int64_t bound;    /* no schedule is shorter */
    uint64_t n_nodes; /* of the search */
} Solution;

/*
 * Solve within these limits, which have a budget.  The schedule is no longer than
 * that of list scheduling in the order of first[n], or of second[n] if a run can repeat it; both are
 * sorted.
 */
Solution solution_of(const Problem *problem, const Turn *first, const Turn *second,
                     const DagSearchLimits *limits);
