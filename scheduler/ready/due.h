/* SPDX-License-Identifier: MIT */
/*
 * Tasks whose pause before another attempt has ended.  They go before the other ready tasks of
 * their priority, in the order in which they became due.  Not thread-safe.
 */
#pragma once

#include "ready/classes.h"

typedef struct DueTasks DueTasks;

/* Return an empty set.  Borrows the graph and `classes`. */
DueTasks *dag__due_new(const DagGraph *graph, const TaskClasses *classes);
void dag__due_free(DueTasks *due);

/* Put a task in, behind those of its priority. */
void dag__due_put(DueTasks *due, DagTaskId id);

/* Put a task that was taken, but not started, before those of its priority. */
void dag__due_put_back(DueTasks *due, DagTaskId id);

/* Return true if the task is in, or was. */
bool dag__due_has_seen(const DueTasks *due, DagTaskId id);

/* Return the number of tasks of the class. */
size_t dag__due_length(const DueTasks *due, uint32_t class_id);

/* Return the task of the class to start next, without taking it; there must be one. */
DagTaskId dag__due_first(const DueTasks *due, uint32_t class_id);

/* Take that task. */
DagTaskId dag__due_take(DueTasks *due, uint32_t class_id);

/* Return whether `id` goes before `other`.  Both must be in. */
bool dag__due_goes_before(const DueTasks *due, DagTaskId id, DagTaskId other);
