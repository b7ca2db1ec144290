/* SPDX-License-Identifier: MIT */
/*
 * Tasks that end without running, since a memory has their result (dagrun/memory.h).
 */
#pragma once

#include <dagrun/memory.h>
#include <dagrun/plan.h>

typedef struct Reuse Reuse;

/* Return the use of a memory by one run, which borrows both; NULL if the memory is NULL, or keeps the
 * result of no task of the plan. */
Reuse *dag__reuse_new(const DagPlan *plan, const DagMemory *memory);
void dag__reuse_free(Reuse *reuse);

/* Return true if the memory is asked for this task.  `reuse` may be NULL.  Any thread. */
bool dag__reuse_asks(const Reuse *reuse, DagTaskId id);

/*
 * Compute the key of the task of an attempt that is about to run, and ask the memory if `is_asked`.  On the
 * thread that would run it, without the lock of the run.
 * Returns: true if there is a result, and its output has been written.
 */
bool dag__reuse_begin(DagContext *context, bool is_asked);

/* Keep the result of an attempt that has ended, if it succeeded; its output is complete.  On the same thread,
 * without the lock. */
void dag__reuse_end(DagContext *context, DagOutcome outcome);
