/* SPDX-License-Identifier: MIT */
/*
 * Process groups that outlived the program a task started.
 */
#pragma once

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

/* Reads, and throws away, what still comes through the pipe until nobody holds its other end;
 * else whoever lives on would die of its first word.  Takes `fd`, the reading end.  Any thread. */
void dag__leftovers_drain(int fd);
