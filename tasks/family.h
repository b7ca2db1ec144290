/* SPDX-License-Identifier: MIT */
/*
 * Who descends from whom, of all processes that there are.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct Relative {
    pid_t pid;
    pid_t parent;
    pid_t group;
    char state;   /* as in /proc/PID/stat: 'R', 'S', 'T' stopped, 'Z' zombie … */
    bool is_ours; /* a mark, for dag__family_spread() */
} Relative;

/* Returns: every process that /proc shows; of Relative, nothing marked. */
GArray *dag__family_read(void);

/* Marks the descendants of those that are marked, and of `root`. */
void dag__family_spread(GArray *family, pid_t root);

/* Returns: the command of the process as people know it, perhaps shortened, or "?". */
char *dag__family_command(pid_t pid);
