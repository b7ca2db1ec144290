/* SPDX-License-Identifier: MIT */
/*
 * The table of process groups in which programs of one run's tasks run now.
 */
#pragma once

#include <dagrun/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct GroupTable GroupTable;

/* Return an empty table in memory that children share, or NULL with errno set. */
GroupTable *dag__groups_new(void);
void dag__groups_free(GroupTable *table);

/* Return an entry of the table, for one program at a time; give it back with dag__groups_leave().
 * Returns: -1 if the table is full.  The functions below ignore entry -1. */
int dag__groups_enter(GroupTable *table);
void dag__groups_leave(GroupTable *table, int entry);

/* Announce that a program of `task` is about to start; waits while the table is closed or a guard is
 * awaited.  Follow it with dag__groups_set() soon. */
void dag__groups_prepare(GroupTable *table, int entry, DagTaskId task);

/* Set the process group that runs in the entry, or 0 for none.  Set 0 before waiting for the
 * leader: afterwards its number may be reused. */
void dag__groups_set(GroupTable *table, int entry, pid_t group);

/* Return the time at which the last program ended; 0: none has. */
int64_t dag__groups_last_end_ns(GroupTable *table);

/* Return whether any program runs. */
bool dag__groups_any(GroupTable *table);

/* Return whether a program of process group `group` runs. */
bool dag__groups_contain(GroupTable *table, pid_t group);

/* Return the task whose program runs in process group `group`, or DAG_TASK_NONE. */
DagTaskId dag__groups_task(GroupTable *table, pid_t group);

/* Call `act` with each group that has a program running. */
void dag__groups_each(GroupTable *table, void (*act)(pid_t group, void *data), void *data);

/* Let no program start.  Returns once none is about to start, or after 200 ms. */
void dag__groups_close(GroupTable *table);

/* Return whether dag__groups_close() was called last. */
bool dag__groups_are_closed(GroupTable *table);

/* Let programs start again. */
void dag__groups_open(GroupTable *table);

/* Let no program start before the guard, a child, says that it is ready; at most 200 ms. */
void dag__groups_await_guard(GroupTable *table, bool is_awaited);

/*
 * Replace the list of adopted orphans, pids[n]; one thread at a time.  The guard reads it with
 * dag__groups_adopted(), which calls `act` with each.
 */
void dag__groups_set_adopted(GroupTable *table, const pid_t *pids, size_t n);
void dag__groups_adopted(GroupTable *table, void (*act)(pid_t pid, void *data), void *data);
