/* SPDX-License-Identifier: MIT */
/*
 * The order of tasks by key, sorted once, before a run.
 */
#pragma once

#include <dagrun/types.h>

/* Sort ids[n] by keys[id], the largest first, and leave equal ones as they are.  Keys are not NaN; -0
 * equals 0.  Cost: O(n), four passes over eight bytes a task where keys differ at random. */
void dag__order_by_key(DagTaskId *ids, size_t n, const double *keys);
