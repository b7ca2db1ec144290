/* SPDX-License-Identifier: MIT */
/*
 * The queue of ready tasks when more than the time of arrival decides: keys, priorities or
 * classes.  Not thread-safe.
 */
#pragma once

#include "ready/classes.h"

#include <dagrun/strategy.h>

typedef struct Lanes Lanes;

/* Return empty lanes.  `keys` is [n_tasks] with DAG_ORDER_KEY, else NULL; it is copied as far as
 * needed.  Borrows `classes`.  Cost: O(tasks). */
Lanes *dag__lanes_new(const DagGraph *graph, const TaskClasses *classes, DagOrder order,
                      const double *keys);
void dag__lanes_free(Lanes *lanes);

/* Put a task in.  A task is never in twice at once. */
void dag__lanes_put(Lanes *lanes, DagTaskId id);

/* Put a task that was taken, but not started, in front of its equals. */
void dag__lanes_put_back(Lanes *lanes, DagTaskId id);

/* Take the task of the class to start next; there must be one. */
DagTaskId dag__lanes_take(Lanes *lanes, uint32_t class_id);

/* Return the task of the class to start next, without taking it; there must be one. */
DagTaskId dag__lanes_first(const Lanes *lanes, uint32_t class_id);

/* Return the number of tasks of the class. */
size_t dag__lanes_length(const Lanes *lanes, uint32_t class_id);

/* Return whether the next task of `class_id` goes before that of `other`.  Both classes must have
 * tasks, and there must be several classes. */
bool dag__lanes_goes_before(const Lanes *lanes, uint32_t class_id, uint32_t other);
