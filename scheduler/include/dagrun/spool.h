/* SPDX-License-Identifier: MIT */
/*
 * The transcript or output of a task: bytes in the order in which they were written, without
 * limit.  A short text is in memory, a long one in a file.  If there is no file, or no space in
 * it, the middle is lost: the spool keeps the first and the last bytes, the number of missing
 * ones, and the reason.
 *
 * Written by one thread.  Immutable afterwards: any number of threads may read it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct DagSpool DagSpool; /* text that a task wrote */

/* The two streams of a transcript. */
typedef enum DagStream {
    DAG_STREAM_OUTPUT, /* standard output */
    DAG_STREAM_ERRORS, /* standard error */
} DagStream;

/* Return the number of bytes written, including the lost ones. */
uint64_t dag_spool_size(const DagSpool *spool);

/* Return the number of lost bytes. */
uint64_t dag_spool_n_lost(const DagSpool *spool);

/* Return the errno of the error that lost bytes, or 0 if none are lost. */
int dag_spool_problem(const DagSpool *spool);

/* Return the errno of the error because of which the log in DagExecuteOptions.log_directory is
 * incomplete; 0 if it is complete or there is none. */
int dag_spool_log_problem(const DagSpool *spool);

/*
 * Copy the last `size` bytes to `out`, or as many as there are without a gap.
 * Returns: the number of bytes copied; fewer if the file cannot be read.
 */
size_t dag_spool_tail(const DagSpool *spool, void *out, size_t size);

/*
 * Receive the next `size` bytes of a spool.  If `bytes` is NULL, `size` bytes are missing here.
 * Returns: false to stop reading.
 */
typedef bool (*DagSpoolTaker)(const char *bytes, uint64_t size, void *data);

/*
 * Pass all bytes to `take`, in order, in pieces of at most 1 MiB.
 * Returns: 0, or errno if the file cannot be read; its bytes are then reported as missing.
 */
int dag_spool_read(const DagSpool *spool, DagSpoolTaker take, void *data);

/* Return the number of bytes of `stream` in a transcript, including the lost ones. */
uint64_t dag_spool_stream_size(const DagSpool *spool, DagStream stream);

/* Like dag_spool_read(), but pass only the bytes of `stream`, in pieces of any size. */
int dag_spool_read_stream(const DagSpool *spool, DagStream stream, DagSpoolTaker take,
                          void *data);

G_END_DECLS
