/* SPDX-License-Identifier: MIT */
/*
 * Balance the ends of the workers: when the work alone bounds the makespan, an optimal schedule
 * lets all workers end at the same time, to the unit.  With fine durations this is a problem of
 * number partitioning, at which neither list scheduling nor depth-first search is good.
 */
#pragma once

#include "strategies/optimal/incumbent.h"

/*
 * Try to change the schedule start[n] so that all ends by the deadline: again and again, take the
 * last tasks of two workers and divide them anew, so that one of the workers ends exactly in
 * time.  The others stay where they are.
 *
 * Returns: true if the schedule meets the deadline now.
 */
bool balance(const Problem *problem, int64_t deadline, GRand *random, int64_t *start);
