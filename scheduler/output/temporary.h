/* SPDX-License-Identifier: MIT */
/*
 * The directories in which large temporary files are made.
 */
#pragma once

/* Number of entries, with the terminating NULL. */
#define DAG__N_TEMPORARY 3

/*
 * Fill the array with absolute directories, in the order in which they are to be tried,
 * NULL-terminated; borrowed from the environment.  Only TMPDIR, if it is a directory; only /tmp, if
 * TMPDIR is set and is none; else /var/tmp before /tmp, which may be in memory.
 */
void dag__temporary_directories(const char *directories_out[DAG__N_TEMPORARY]);

/* Open a new file without a name in the first directory that can hold one.
 * Returns: -1 with errno set. */
int dag__temporary_open(void);
