/* SPDX-License-Identifier: MIT */
/*
 * Process groups that outlived the program of their task.  All functions here may be called from
 * any thread.
 */
#pragma once

#include "tasks.h"

/* Return whether any process lives in the group.  Reaps its zombies that are our children. */
bool dag__group_is_alive(pid_t group);

/* Record a group for dag_tasks_end_leftovers(). */
void dag__leftovers_add(DagTasks *tasks, pid_t group);

/* Record a group that SIGKILL does not end: it is not tried again, only reported. */
void dag__leftovers_add_lost(DagTasks *tasks, pid_t group);

/* Return whether the group is recorded as left over. */
bool dag__leftovers_contain(DagTasks *tasks, pid_t group);
