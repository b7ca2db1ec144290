/* SPDX-License-Identifier: MIT */
/*
 * Taking several tasks of a ready set at once, and ending them at once.
 *
 * A batch occupies one worker, however many tasks it has.  Only for ready sets whose tasks are all
 * of one class without pools.
 */
#pragma once

#include "ready/ready-set.h"

/* The largest batch: enough to make the cost of the lock small; more would only delay the tasks
 * that become ready through the batch. */
#define BATCH_SIZE 128

/* Tasks that one worker runs, one after the other as long as they succeed. */
typedef struct Batch {
    DagTaskId ids[BATCH_SIZE]; /* [n] */
    unsigned n;
    unsigned n_taken; /* were ready; the others form a chain behind the last of these */
} Batch;

/* Return the number of tasks that are ready. */
size_t dag__batch_n_ready(ReadySet *set);

/*
 * Take up to `share` ready tasks; there must be at least one.  If that is one task and no other
 * task is ready, also take the chain behind it, up to `size` tasks in all: each task of a chain
 * has one successor, which waits for nothing else.  No other worker could run these tasks
 * meanwhile, and they come next under every strategy.
 */
void dag__batch_take(ReadySet *set, Batch *batch, unsigned share, unsigned size);

/* End the first `n` tasks of the batch, which succeeded. */
void dag__batch_succeed(ReadySet *set, const Batch *batch, unsigned n);

/*
 * End the batch: return its tasks from number `n_run` on, which were not started.  `holds_unit`:
 * the batch still holds its worker; false if ending a failed task has given it back.
 */
void dag__batch_end(ReadySet *set, const Batch *batch, unsigned n_run, bool holds_unit);

/* Fetch the memory that ending `n` tasks, at least one, will access into the cache.  Needs no lock:
 * changes nothing, and reads nothing that changes. */
void dag__batch_prefetch(const ReadySet *set, const DagTaskId *ids, unsigned n);
