/* SPDX-License-Identifier: MIT */
/*
 * The backward pass of the critical path method, for expected costs and for measured durations.
 */
#pragma once

#include <dagrun/graph.h>

/*
 * Compute the upward rank of each task: its own cost plus the costliest chain of successors.
 * A negative cost leaves a task out: its rank is 0, and no chain passes through it.
 * O(tasks + dependencies), without recursion.
 */
void dag__ranks(const DagGraph *graph, const double *costs /* [n_tasks] */,
                double *rank_out /* [n_tasks] */);

/*
 * Return a longest chain by dag__ranks() of the same costs, first task first; ties go to the
 * task declared first.  Empty if every task is left out.  An array of DagTaskId; free with
 * g_array_unref().
 */
GArray *dag__longest_chain(const DagGraph *graph, const double *costs, const double *ranks);
