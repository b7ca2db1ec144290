/* SPDX-License-Identifier: MIT */
/*
 * The writing side of a spool.
 */
#pragma once

#include <dagrun/spool.h>
#include <stddef.h>
#include <sys/types.h>

/* What a spool holds in memory at most; what is longer goes to a file.  With a sixteenth of it,
 * tasks that say half a megabyte took an eighth longer. */
#define DAG__SPOOL_MEMORY ((size_t)1048576)

/* Of what cannot be kept, the last so many bytes are. */
#define DAG__SPOOL_TAIL ((size_t)65536)

/* Returns: an empty spool.  Allocates nothing but itself. */
DagSpool *dag__spool_new(void);
void dag__spool_free(DagSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagSpool, dag__spool_free)

/*
 * Makes the spool also write a log: every byte goes to the file at once, which then is the file
 * of the spool too, if it needs one.  Only while the spool is empty.  Takes `fd`, open for reading
 * and writing at its end; below 0: there is no log, for the reason `problem`.
 */
void dag__spool_set_log(DagSpool *spool, int fd, int problem);

/* Appends.  Cannot fail: what cannot be kept is counted. */
void dag__spool_write(DagSpool *spool, const void *bytes, size_t size);

/* Tells that nothing will be appended any more: gives back what was held for that. */
void dag__spool_finish(DagSpool *spool);

/*
 * Makes the spool a file that can only be read, if it is not yet, and frees what was in memory.
 * `name` is what the file is called in /proc.  Not while another thread reads; only where nothing
 * is lost, and without a log.
 *
 * Returns: a descriptor that lives as long as the spool, or -1 with errno set.
 */
int dag__spool_share(DagSpool *spool, const char *name);
