/* SPDX-License-Identifier: MIT */
/*
 * Paused tasks: an attempt failed, and another one is due at a known time.  Not thread-safe.
 */
#pragma once

#include <dagrun/types.h>

typedef struct Delays Delays;

Delays *dag__delays_new(void);
void dag__delays_free(Delays *delays);

/* Add a task that is not in.  `outcome` is that of the failed attempt. */
void dag__delays_add(Delays *delays, DagTaskId id, DagOutcome outcome, int64_t due_ns);

/* Return when the first task is due, or INT64_MAX. */
int64_t dag__delays_next_ns(const Delays *delays);

/* Remove and return the task due first; there must be one. */
DagTaskId dag__delays_take(Delays *delays);

/* Remove the tasks for which may_stay() is false. */
void dag__delays_drop(Delays *delays, bool (*may_stay)(DagTaskId id, const void *data),
                      const void *data);

/* Return the outcome of the last failed attempt of a task that is in, or was; else
 * DAG_PENDING. */
DagOutcome dag__delays_outcome(const Delays *delays, DagTaskId id);
