/* SPDX-License-Identifier: MIT */
/*
 * The queue of ready tasks, in the order in which they should start.  Not thread-safe.
 *
 * There is one queue per class of tasks with equal needs (classes.h).  Tasks of a higher priority
 * go first; of equal ones, tasks whose pause before another attempt has ended (due.h); and then
 * the order of the strategy decides.
 */
#pragma once

#include "ready/classes.h"

#include <dagrun/strategy.h>

typedef struct ReadyQueue ReadyQueue;

/* Return an empty queue.  `keys` is [n_tasks] with DAG_ORDER_KEY, else NULL.  Borrows the graph
 * and `classes`. */
ReadyQueue *dag__ready_queue_new(const DagGraph *graph, const TaskClasses *classes,
                                 DagOrder order, const double *keys);
void dag__ready_queue_free(ReadyQueue *queue);

/* Put in `n` tasks, one after the other.  A task is never in the queue twice at once. */
void dag__ready_queue_put_all(ReadyQueue *queue, const DagTaskId *ids, size_t n);

/* Put in a task whose pause has ended. */
void dag__ready_queue_put_due(ReadyQueue *queue, DagTaskId id);

/* Return the task of the class to start next; there must be one. */
DagTaskId dag__ready_queue_first(const ReadyQueue *queue, uint32_t class_id);

/* Take the task of the class to start next; there must be one. */
DagTaskId dag__ready_queue_take(ReadyQueue *queue, uint32_t class_id);

/* Take `n` tasks; there must be as many, and only one class. */
void dag__ready_queue_take_some(ReadyQueue *queue, DagTaskId *ids_out, size_t n);

/* Put a task that was taken, but not started, back at the front. */
void dag__ready_queue_put_back(ReadyQueue *queue, DagTaskId id);

/* Return the number of tasks of the class. */
size_t dag__ready_queue_length(const ReadyQueue *queue, uint32_t class_id);

/* Return whether the next task of `class_id` goes before that of `other`.  Both classes must have
 * tasks, and there must be several classes. */
bool dag__ready_queue_goes_before(const ReadyQueue *queue, uint32_t class_id,
                                  uint32_t other);
