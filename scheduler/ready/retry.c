/* SPDX-License-Identifier: MIT */
/*
 * The pause doubles with each attempt, up to a minute, so that an overloaded service gets time to
 * recover.  Its second half is random, so that tasks that failed together do not retry
 * together ("equal jitter"; Brooker, Exponential Backoff and Jitter, 2015).
 */
#include "ready/retry.h"

#include <dagrun/duration.h>

#define DEFAULT_PAUSE_NS (INT64_C(1) * 1000000000)
#define MAX_PAUSE_NS     (INT64_C(60) * 1000000000)

bool
dag__retry_is_due(const DagPolicy *policy, unsigned run_retries, unsigned n_attempts,
                  DagOutcome outcome, int exit_code)
{
    unsigned retries = (unsigned)dag_given(policy->retries, run_retries);
    int code = outcome == DAG_TIMED_OUT ? DAG_CODE_TIMED_OUT : exit_code;

    if (outcome != DAG_FAILED && outcome != DAG_TIMED_OUT)
        return false;
    return n_attempts <= retries && n_attempts < DAG_MAX_ATTEMPTS &&
           (!policy->limits_retries || dag_codes_has(&policy->retry_on, code));
}

int64_t
dag__retry_pause_ns(const DagPolicy *policy, unsigned n_attempts, uint64_t random)
{
    int64_t pause_ns = dag_given(policy->retry_delay_ns, DEFAULT_PAUSE_NS);
    int64_t max_ns = MAX(pause_ns, MAX_PAUSE_NS);
    double chance = (double)(random >> 11) / 9007199254740992.0; /* 2^53 */

    for (unsigned i = 1; i < n_attempts && pause_ns > 0 && pause_ns < max_ns; i++)
        pause_ns = pause_ns <= max_ns / 2 ? 2 * pause_ns : max_ns;
    return pause_ns - (int64_t)(chance / 2 * (double)pause_ns);
}
