/* SPDX-License-Identifier: MIT */
/*
 * A look back at a run: the strategy that would have been faster, and the time in which nothing
 * ran.
 */
#pragma once

#include <dagrun/run.h>

/*
 * Find the strategy with which the same tasks, with the durations of this run, would have taken
 * noticeably less time: at least 5 % and 20 ms.  It is simulated, so the answer is an estimate.
 * Only for a run that succeeded and has at most some thousand tasks, so that the search takes a
 * few milliseconds.
 *
 * Returns: the strategy, and the estimated makespan in `*makespan_ns_out`; or NULL.
 */
const DagStrategy *dag__advice_strategy(const DagRun *run, int64_t lower_bound_ns,
                                        int64_t *makespan_ns_out);

/*
 * Return the makespan of the strategy critical-path with the durations of this run, which has barriers,
 * nanoseconds; -1: the run has none, or did not succeed, or the two simulations would take longer than
 * 20 ms and 1 % of the makespan (about 1 µs a task each).
 */
int64_t dag__advice_without_barriers_ns(const DagRun *run);

/* Return the time during which a task paused between two attempts and no task ran, nanoseconds.
 * 0 for a run of more than some hundred thousand attempts.  O(attempts log attempts). */
int64_t dag__pauses_alone_ns(const DagRun *run);
