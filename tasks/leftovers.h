/* SPDX-License-Identifier: MIT */
/*
 * Process groups that outlived the program a task started.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Returns: whether anything lives in the process group. */
bool dag__group_is_alive(pid_t group);

/*
 * Asked when a task's program has just been waited for.  Returns: false only if certainly nothing
 * lives on of it or of any task before, in whatever group or session.  Any thread.
 */
bool dag__leftovers_are_possible(void);

/* Keeps the group in mind until dag_tasks_end_leftovers().  Any thread. */
void dag__leftovers_add(pid_t group);

/* The same for one that KILL does not end: it is not tried again, only named.  Any thread. */
void dag__leftovers_give_up(pid_t group);

/* A child of the first thread that no task has started, or 0.  Before there are workers. */
void dag__leftovers_except(pid_t pid);

/* Returns: every living process that descends from this one, but the exception; of Relative.
 * Looks at all processes that there are.  Any thread. */
GArray *dag__leftovers_descendants(void);

/* Reads, and throws away, what still comes through the pipe until nobody holds its other end;
 * else whoever lives on would die of its first word.  Takes `fd`, the reading end.  Any thread. */
void dag__leftovers_drain(int fd);
