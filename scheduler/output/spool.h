/* SPDX-License-Identifier: MIT */
/*
 * The writing side of a spool.
 */
#pragma once

#include <dagrun/spool.h>
#include <stddef.h>
#include <sys/types.h>

/* Largest size of a spool in memory; a larger one goes to a file.  With a sixteenth of it, tasks
 * that write half a megabyte took an eighth longer. */
#define DAG__SPOOL_MEMORY ((size_t)1048576)

/* Number of bytes kept from the end of a text that is too long. */
#define DAG__SPOOL_TAIL ((size_t)65536)

/* Create an empty spool.  Allocates only the struct. */
DagSpool *dag__spool_new(void);

/* Free the spool, unless another one borrows from it; then that one frees it. */
void dag__spool_free(DagSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagSpool, dag__spool_free)

/*
 * Make an empty spool write a log: every byte goes to the file at once.  If the spool needs a
 * file, it uses the log.  Takes ownership of `fd`, which is open for reading and appending; below
 * 0, there is no log, and `problem` is the errno of the reason.
 */
void dag__spool_set_log(DagSpool *spool, int fd, int problem);

/* Return the place of the spool's index of streams, which is NULL if it has none.  The spool frees
 * it. */
struct StreamRuns **dag__spool_runs(DagSpool *spool);

/*
 * Append the last `size` bytes of `source` without a copy.  `source` must not be written by another
 * thread before its end.
 * Returns: false, with nothing appended, if the spools differ before, the spool has a log, or
 *   `source` has lost bytes.
 */
bool dag__spool_borrow(DagSpool *spool, DagSpool *source, size_t size);

/* Append bytes.  Cannot fail: bytes that cannot be kept are counted. */
void dag__spool_write(DagSpool *spool, const void *bytes, size_t size);

/* End writing: free unused memory, close the log. */
void dag__spool_finish(DagSpool *spool);

/* Return the file without a name in which a large text is, so that it can get a name, or -1.  Makes
 * a file that was read-only writable again. */
int dag__spool_nameless(DagSpool *spool);

/* Write to a file.  Returns: the number of bytes written; fewer than `size` with errno set. */
size_t dag__write_file(int fd, const char *bytes, size_t size);

/*
 * Turn the spool into a read-only file and free its memory; do nothing if it is one already.
 * `name` is the name of the file in /proc.  No other thread may read meanwhile.  The spool must
 * have lost no bytes and have no log.
 *
 * Returns: a descriptor that lives as long as the spool, or -1 with errno set.
 */
int dag__spool_share(DagSpool *spool, const char *name);
