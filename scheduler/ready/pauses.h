/* SPDX-License-Identifier: MIT */
/*
 * Paused tasks: an attempt failed, and another one is due at a known time.  Not thread-safe.
 */
#pragma once

#include <dagrun/types.h>

typedef struct Pauses Pauses;

Pauses *dag__pauses_new(void);
void dag__pauses_free(Pauses *pauses);

/* Add a task that is not in.  `outcome` is that of the failed attempt. */
void dag__pauses_add(Pauses *pauses, DagTaskId id, DagOutcome outcome, int64_t due_ns);

/* Return when the first task is due, or INT64_MAX. */
int64_t dag__pauses_next_ns(const Pauses *pauses);

/* Remove and return the task due first; there must be one. */
DagTaskId dag__pauses_take(Pauses *pauses);

/* Remove the tasks for which may_stay() is false. */
void dag__pauses_drop(Pauses *pauses, bool (*may_stay)(DagTaskId id, const void *data),
                      const void *data);

/* Return the outcome of the last failed attempt of a task that is in, or was; else
 * DAG_PENDING. */
DagOutcome dag__pauses_outcome(const Pauses *pauses, DagTaskId id);
