/* SPDX-License-Identifier: MIT */
/*
 * Starting a program: what posix_spawn() does, with fewer system calls.
 */
#pragma once

#include <signal.h>
#include <sys/types.h>

/* What a program is started with; borrowed. */
typedef struct Launch {
    char *const *arguments;   /* NULL-terminated; the first is searched for in PATH */
    char *const *environment; /* NULL-terminated; its PATH counts */
    const char *directory;    /* or NULL for the caller's own */
    int fds[3];               /* what its standard descriptors are copies of */
    const sigset_t *resets;   /* of dag__launch_resets() */
} Launch;

/* Sets the signals that a program must not inherit as they are now: those that are caught, and
 * those that dagrun ignores and its tasks should not.  Ask again when that may have changed. */
void dag__launch_resets(sigset_t *resets_out);

/*
 * Starts the program as the leader of a process group of its own, with no signal blocked.  Any
 * thread, which waits until the program is executed.
 * *pidfd_out: readable when it has ended, or -1 where none can be had.
 * Returns: 0, or an errno: that of clone(), or why it could not be executed.
 */
int dag__launch(const Launch *launch, pid_t *pid_out, int *pidfd_out);
