/* SPDX-License-Identifier: MIT */
/*
 * From a schedule to the terms of a run: an order of the tasks, and holds where the order alone would
 * start a task too early.
 */
#pragma once

#include "strategies/optimal/problem.h"

/* `task` starts no earlier than `after` ends. */
typedef struct Hold {
    uint32_t task, after;
} Hold;

/*
 * Move every task of the schedule start[n] as far to the left as it goes, then find the holds
 * with which list scheduling in the order of start, ties in order of the tasks, repeats it.  With
 * priorities, nothing is moved or held: a run takes the tasks in the order of start as far as their
 * priorities allow.  `start` becomes what a run does.
 *
 * Returns: an array of Hold; free with g_array_unref().
 */
GArray *realize(const Problem *problem, int64_t *start);
