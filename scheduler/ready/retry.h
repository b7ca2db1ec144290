/* SPDX-License-Identifier: MIT */
/*
 * Whether a failed task is tried again, and after which pause.  Pure functions.
 */
#pragma once

#include <dagrun/policy.h>

/* Return whether an attempt that ended like this is followed by another one.  `n_attempts`: how
 * many there were; `run_retries`: used if the policy declares no retries. */
bool dag__retry_is_due(const DagPolicy *policy, unsigned run_retries, unsigned n_attempts,
                       DagOutcome outcome, int exit_code);

/* Return the nanoseconds from the end of attempt number `n_attempts` to the next one.  `random`
 * is a random number. */
int64_t dag__retry_pause_ns(const DagPolicy *policy, unsigned n_attempts, uint64_t random);
