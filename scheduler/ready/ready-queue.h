/* SPDX-License-Identifier: MIT */
/*
 * Tasks that may start, in the order in which they should.  Not thread-safe: used under the
 * lock of whoever owns it.
 *
 * There is a queue for each class of tasks that use the same pools (dag__graph_task_use_class());
 * where there are no pools that is one.
 */
#pragma once

#include <dagrun/strategy.h>

typedef struct ReadyQueue ReadyQueue;

ReadyQueue *dag__ready_queue_new(const DagPlan *plan, const DagStrategy *strategy,
                                 uint64_t seed);
void dag__ready_queue_free(ReadyQueue *queue);

/* Puts in `n` tasks, one after the other.  A task is never in the queue twice at once. */
void dag__ready_queue_put_all(ReadyQueue *queue, const DagTaskId *ids, size_t n);

/* Returns: the task of the class to start next; there must be one. */
DagTaskId dag__ready_queue_take(ReadyQueue *queue, uint32_t class);

/* Takes `n` tasks, one after the other; there must be as many, and no more than one class. */
void dag__ready_queue_take_some(ReadyQueue *queue, DagTaskId *ids_out, size_t n);

/* Puts in again, at the front, what was taken but not started. */
void dag__ready_queue_put_back(ReadyQueue *queue, DagTaskId id);

/* Returns: how many tasks of the class are in the queue. */
size_t dag__ready_queue_length(const ReadyQueue *queue, uint32_t class);

/* Returns: whether the next task of one class goes before that of another; both must have one,
 * and there must be several classes. */
bool dag__ready_queue_goes_before(const ReadyQueue *queue, uint32_t class, uint32_t other);
