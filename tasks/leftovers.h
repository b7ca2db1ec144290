/* SPDX-License-Identifier: MIT */
/*
 * Process groups that outlived the program a task started.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Returns: whether anything lives in the process group. */
bool dag__group_is_alive(pid_t group);

/* Keeps the group in mind until dag_tasks_end_leftovers().  Any thread. */
void dag__leftovers_add(pid_t group);

/* Reads, and throws away, what still comes through the pipe until nobody holds its other end;
 * else whoever lives on would die of its first word.  Takes `fd`, the reading end.  Any thread. */
void dag__leftovers_drain(int fd);
