/* SPDX-License-Identifier: MIT */
/*
 * Tasks that failed, and wait for another attempt.  Not thread-safe: used under the lock of
 * whoever owns it.
 */
#pragma once

#include <dagrun/types.h>

typedef struct Delays Delays;

Delays *dag__delays_new(void);
void dag__delays_free(Delays *delays);

/* Adds a task, which is not in; should there be no other attempt, it ended with `outcome`. */
void dag__delays_add(Delays *delays, DagTaskId id, DagOutcome outcome, int64_t due_ns);

/* Returns: when the first of them is due, or INT64_MAX. */
int64_t dag__delays_next(const Delays *delays);

/* Takes out the one due first; there must be one. */
DagTaskId dag__delays_take(Delays *delays);

/* Takes out those that `may_stay` does not speak for. */
void dag__delays_drop(Delays *delays, bool (*may_stay)(DagTaskId id, const void *data),
                      const void *data);

/* Returns: how the last attempt of a task ended that is in or was, or DAG_PENDING. */
DagOutcome dag__delays_outcome(const Delays *delays, DagTaskId id);
