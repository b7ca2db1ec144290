/* SPDX-License-Identifier: MIT */
/*
 * Starting a program: as posix_spawn(), with fewer system calls.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* A program to start; borrowed. */
typedef struct SpawnRequest {
    const char *const *arguments; /* NULL-terminated; the first is searched for in PATH */
    char *const *environment;     /* NULL-terminated; its PATH counts */
    const char *directory;        /* or NULL for the caller's own */
    /* If it has a terminal, it leads a process group in the caller's session, in the foreground of this
     * terminal. */
    bool has_terminal;
    int terminal_fd;
    int fds[3];             /* become the standard descriptors; of input, -1: /dev/null */
    const sigset_t *resets; /* of dag__spawn_resets() */
    /* The limit of descriptors (RLIMIT_NOFILE), or NULL for the caller's own. */
    const struct rlimit64 *descriptors;
} SpawnRequest;

/* Return the signals that need the default action in a program: those that are caught, and those
 * that dagrun ignores for itself.  Valid until an action changes. */
void dag__spawn_resets(sigset_t *resets_out);

/*
 * Start the program as the leader of a session of its own, so it has neither the caller's process
 * group nor its terminal (but see has_terminal), with no signal blocked.  Any thread; it waits until the program is executed.
 * *pidfd_out: readable when the program has ended, or -1 if descriptors are used up.
 * Returns: 0; or the errno for which no process could be made or the program not be executed.
 */
int dag__spawn(const SpawnRequest *request, pid_t *pid_out, int *pidfd_out);
