/* SPDX-License-Identifier: MIT */
/*
 * The decision whether a failed task is tried again, and after which pause.  Pure functions.
 */
#pragma once

#include <dagrun/policy.h>

/* Return true if another attempt follows one with this outcome and exit code.  `n_attempts` is the
 * number of attempts so far; `run_retries` applies if the policy declares no retries. */
bool dag__retry_is_due(const DagPolicy *policy, unsigned run_retries, unsigned n_attempts,
                       DagOutcome outcome, int exit_code);

/* Return the nanoseconds from the end of attempt number `n_attempts` to the next one.  `random`
 * is a random number. */
int64_t dag__retry_pause_ns(const DagPolicy *policy, unsigned n_attempts, uint64_t random);
