/* SPDX-License-Identifier: MIT */
/*
 * Tasks that may start, in the order in which they should.  Not thread-safe: used under the
 * lock of whoever owns it.
 */
#pragma once

#include <dagrun/strategy.h>

typedef struct ReadyQueue ReadyQueue;

ReadyQueue *dag__ready_queue_new(const DagPlan *plan, const DagStrategy *strategy,
                                 uint64_t seed);
void dag__ready_queue_free(ReadyQueue *queue);

/* Each task is put in at most once in the life of a queue, but for putting it back. */
void dag__ready_queue_put(ReadyQueue *queue, DagTaskId id);

/* Returns: the task to start next; the queue must not be empty. */
DagTaskId dag__ready_queue_take(ReadyQueue *queue);

/* Returns: the task that dag__ready_queue_take() would. */
DagTaskId dag__ready_queue_peek(const ReadyQueue *queue);

/* Puts in again, at the front, what was taken but not started. */
void dag__ready_queue_put_back(ReadyQueue *queue, DagTaskId id);

size_t dag__ready_queue_length(const ReadyQueue *queue);
