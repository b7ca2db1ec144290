/* SPDX-License-Identifier: MIT */
/*
 * The process groups in which programs of tasks run now, for whoever has to reach all of them.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Puts the table into memory that children share.  Call it before there are workers.
 * Returns: false with errno set.
 */
bool dag__groups_share(void);

/* Returns: a place in the table, for one program at a time; give it back with
 * dag__groups_leave().  -1: none is left, which the functions below take, and ignore. */
int dag__groups_enter(void);
void dag__groups_leave(int place);

/* A program is about to start: waits while all are suspended.  Follow it with set() soon. */
void dag__groups_prepare(int place);

/* What runs in the place: the number of its group, or 0 for nothing.  Say 0 before the leader is
 * waited for, since its number may be another's afterwards. */
void dag__groups_set(int place, pid_t group);

/* Returns: whether any program of a task runs. */
bool dag__groups_any(void);

/* Calls `act` with each group that has a program running. */
void dag__groups_each(void (*act)(pid_t group, void *data), void *data);

/* From now on no program starts.  Returns once none is about to, or after a while. */
void dag__groups_close(void);

/* Programs start again. */
void dag__groups_open(void);

/*
 * The orphans of tasks that we adopted, replacing those told before; of pid_t, [n].
 * dag__groups_adopted() calls `act` with each.
 */
void dag__groups_set_adopted(const pid_t *pids, size_t n);
void dag__groups_adopted(void (*act)(pid_t pid, void *data), void *data);
