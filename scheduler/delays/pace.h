/* SPDX-License-Identifier: MIT */
/*
 * The starts of the tasks of one pool with a rate, and when each was allowed.
 */
#pragma once

#include <dagrun/policy.h>

typedef struct Pace {
    const DagPool *pool; /* borrowed */
    GArray *starts;      /* of attempts; sorted by dag__pace_finish() */
} Pace;

Pace dag__pace_new(const DagPool *pool);
void dag__pace_clear(Pace *pace);

/* Add an attempt. */
void dag__pace_add(Pace *pace, DagTaskId task, int64_t start_ns);

/* Find when each start was allowed.  Then only dag__pace_allowed(). */
void dag__pace_finish(Pace *pace);

/* Find from when on the rate allowed the start of the task at `start_ns`, which was added.
 * Returns: the task that started before it and the time in *ns_out; DAG_TASK_NONE: it was the first. */
DagTaskId dag__pace_allowed(const Pace *pace, int64_t start_ns, DagTaskId task,
                            int64_t *ns_out);
