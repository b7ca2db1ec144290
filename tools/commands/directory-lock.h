/* SPDX-License-Identifier: MIT */
/*
 * A directory for results belongs to one run at a time.
 */
#pragma once

#include <stdbool.h>

/* The most directories that one run locks. */
#define MAX_DIRECTORY_LOCKS 2

/* The locks of one run; zeroed at first. */
typedef struct DirectoryLocks {
    int fds[MAX_DIRECTORY_LOCKS]; /* [n] */
    int n;
    bool waits; /* for other runs, instead of refusing to run */
} DirectoryLocks;

/*
 * Lock a directory until directory_locks_release() or the end of the process; do nothing if this run
 * has locked it already.  If the file system has no locks, there
 * is none.
 * Returns: false after an error message, if another run has locked it or it cannot be opened.
 */
bool directory_lock(DirectoryLocks *locks, const char *path);

/*
 * Lock both directories, each of which may be NULL.  With locks->waits, wait for the run that has one of them, and say so;
 * but not for a run of which this one is a task.
 * Returns: false after an error message.
 */
bool directory_lock_both(DirectoryLocks *locks, const char *first, const char *second);

void directory_locks_release(DirectoryLocks *locks);
