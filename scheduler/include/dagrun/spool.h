/* SPDX-License-Identifier: MIT */
/*
 * What a task said: bytes in the order in which they came, however many.  A few are in memory,
 * many in a file, and where that cannot be had, or is full, the middle is lost: the spool then
 * has the first bytes and the last ones, and knows how many are missing, and why.
 *
 * Written by one thread; immutable from then on, so any number may read it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct DagSpool DagSpool; /* what one task said */

/* Returns: how many bytes were said, those that are lost included. */
uint64_t dag_spool_size(const DagSpool *spool);

/* Returns: how many of them are lost. */
uint64_t dag_spool_n_lost(const DagSpool *spool);

/* Returns: the errno that says why they are lost, or 0. */
int dag_spool_problem(const DagSpool *spool);

/* Returns: the errno that says why the log in DagExecuteOptions.log_directory is not complete,
 * or 0: it is, or there is none. */
int dag_spool_log_problem(const DagSpool *spool);

/*
 * Copies the last `size` bytes to `out`, or as many as there are without a gap.
 * Returns: how many were copied; fewer also where reading the file failed.
 */
size_t dag_spool_tail(const DagSpool *spool, void *out, size_t size);

/*
 * Takes the next `size` bytes of a spool; where `bytes` is NULL, so many are missing here.
 * Returns: whether to go on.
 */
typedef bool (*DagSpoolTaker)(const char *bytes, uint64_t size, void *data);

/*
 * Gives all that is there to `take`, in order, in pieces of at most 1 MiB.
 * Returns: 0; or the errno that says why the file could not be read, what was in it having been
 *   told as missing.
 */
int dag_spool_read(const DagSpool *spool, DagSpoolTaker take, void *data);

G_END_DECLS
