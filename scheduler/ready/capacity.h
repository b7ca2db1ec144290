/* SPDX-License-Identifier: MIT */
/*
 * Capacities limit how many tasks run at once: workers, connections, and the slots of pools; and how
 * often tasks start, and how many tokens they use in a time: the rates and tokens of pools.  All are counters with the same operations.  A task takes
 * everything that it needs at once, or nothing.  So no task holds one capacity while it waits for
 * another, and there is no deadlock (Coffman, Elphick and Shoshani, 1971).
 *
 * Not thread-safe.
 */
#pragma once

#include "ready/bucket.h"
#include "ready/classes.h"
#include "ready/queue.h"

typedef struct Capacities Capacities;

#define NO_CLASS UINT32_MAX

/* Return the capacities of a run, all free.  Borrows both arguments. */
Capacities *dag__capacities_new(const DagGraph *graph, const TaskClasses *classes,
                                unsigned n_workers, unsigned n_connections);
void dag__capacities_free(Capacities *capacities);

/*
 * Return the class whose first task in the queue starts next on a free unit of the kind `unit`,
 * or NO_CLASS.
 *
 * A task that waits for a pool reserves all its pools: tasks behind it that use one of them wait
 * too, so that many small tasks do not starve a task that uses many slots.  A task that waits
 * only for a worker, or only for a connection, reserves nothing: other tasks may use the pools
 * meanwhile.
 *
 * A running task that waits for further tokens goes before all tasks in the queue: it reserves them until
 * dag__capacities_add_tokens() gives them to it, or it ends.
 *
 * A task that waits only for tokens of rates reserves no slots.  The time at which it has all its
 * tokens is known.  Until then other tasks may take tokens that come back in time.
 */
uint32_t dag__capacities_choose(Capacities *capacities, const ReadyQueue *queue,
                                DagOccupies unit);

/* Advance the time to `now_ns`, in nanoseconds since the run began; a time before the last one is ignored. */
void dag__capacities_pass_time(Capacities *capacities, int64_t now_ns);

/* Forget the last choice: the queue has changed. */
void dag__capacities_reconsider(Capacities *capacities);

/* Return whether everything that a task of the class needs is free, whatever is reserved. */
bool dag__capacities_have(const Capacities *capacities, uint32_t class_id);

/* Take everything that a task of the class needs; it must be free. */
void dag__capacities_take(Capacities *capacities, uint32_t class_id);

/* Take the tokens that a task of the class, which starts, is estimated to use.  It is the first one of its
 * class in the queue, or they are there. */
void dag__capacities_begin_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id);

/*
 * Replace the tokens that a running task of the class holds by `amount`, a better estimate.  It has had its turn, so
 * tasks in the queue do not hold it up; those that wait for further tokens do.
 * Returns: `now_ns`; or when they are there, with nothing changed: the task must be withdrawn, and has them
 *   when it starts again.
 */
int64_t dag__capacities_reserve_tokens(Capacities *capacities, uint32_t class_id,
                                       DagTaskId id, uint32_t amount, int64_t now_ns);

/* Take further tokens for a running task.
 * Returns: `now_ns`; or when they are there as far as is known.  Until it asks again, they are reserved; those that
 *   wait longer have theirs first. */
int64_t dag__capacities_add_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id,
                                   uint32_t amount, int64_t now_ns);

/* A running task, which will end or be withdrawn, has used so many tokens: give back the surplus that it took,
 * or take the rest. */
void dag__capacities_correct_tokens(Capacities *capacities, uint32_t class_id, DagTaskId id,
                                    uint32_t used);

/* Give back the capacities of a task of the class that has ended.  Tokens are used up. */
void dag__capacities_release(Capacities *capacities, uint32_t class_id);

/* Give back the capacities of a task of the class that was never started. */
void dag__capacities_refund(Capacities *capacities, uint32_t class_id);

/* Close a pool from `now_ns` until `until_ns`, when it will have no tokens. */
void dag__capacities_close(Capacities *capacities, uint32_t pool, int64_t now_ns,
                           int64_t until_ns);

/* Let the pool have had no more than this at `ns`, as a server says.  Never gives it more than it has. */
void dag__capacities_lower(Capacities *capacities, uint32_t pool, const PoolRest *rest,
                           int64_t ns);

/* Return the time at which a task in the queue may start because a token has come, or INT64_MAX: none
 * waits only for tokens.  Workers, connections and slots never come by themselves. */
int64_t dag__capacities_next_ns(Capacities *capacities, const ReadyQueue *queue);

/* Set the number of workers or connections, while none of them is taken. */
void dag__capacities_set_units(Capacities *capacities, DagOccupies unit, unsigned n);

/* Return the number of free workers or connections. */
unsigned dag__capacities_n_free(const Capacities *capacities, DagOccupies unit);
