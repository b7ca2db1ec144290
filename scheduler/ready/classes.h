/* SPDX-License-Identifier: MIT */
/*
 * Classes of tasks with equal needs.  Two tasks that occupy the same kind of unit (a worker or a
 * connection) and use the same slots of the same pools start under the same conditions, so it is
 * enough to look at the first task of each class.  There are few classes.
 */
#pragma once

#include <dagrun/graph.h>

/* The capacities that a task of the class needs. */
typedef struct TaskClass {
    DagOccupies unit;
    const DagUse *uses; /* [n_uses], of pools; borrowed from the graph */
    size_t n_uses;
} TaskClass;

typedef struct TaskClasses {
    TaskClass *classes; /* [n], owned; at least one */
    uint32_t n;
    uint32_t *class_of; /* [n_tasks], owned; NULL: all tasks are of class 0 */
} TaskClasses;

/* Sort the tasks of the graph into classes.  Cost: O(tasks). */
TaskClasses dag__task_classes_of(const DagGraph *graph);
void dag__task_classes_clear(TaskClasses *classes);

static inline uint32_t
task_class_of(const TaskClasses *classes, DagTaskId id)
{
    return classes->class_of ? classes->class_of[id] : 0;
}
