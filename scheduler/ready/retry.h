/* SPDX-License-Identifier: MIT */
/*
 * Whether a task that failed is tried again, and when.  Pure functions.
 */
#pragma once

#include <dagrun/run.h>

/* `attempt` is the last of `n_attempts`; `run_retries` holds where the policy declares nothing. */
bool dag__retry_is_due(const DagPolicy *policy, unsigned run_retries, unsigned n_attempts,
                       const DagAttempt *attempt);

/* Returns: nanoseconds from the end of attempt number `n_attempts` to the next one; `lot` is a
 * random number. */
int64_t dag__retry_pause_ns(const DagPolicy *policy, unsigned n_attempts, uint64_t lot);
