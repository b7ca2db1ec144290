/* SPDX-License-Identifier: MIT */
/*
 * What a running task may ask, and tell.  A context belongs to one worker thread while it runs
 * one task; all functions here are for that thread.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/graph.h>
#include <dagrun/kind.h>
#include <poll.h>

G_BEGIN_DECLS

/* Returns: the task that runs. */
DagTaskId dag_context_task(const DagContext *context);

/* Returns: its graph; borrowed. */
const DagGraph *dag_context_graph(const DagContext *context);

/*
 * Fills in a template.  A task's output stands without its trailing newlines; one that holds a
 * NUL byte, or is longer than 8 MiB, cannot be an argument and is an error.
 *
 * Returns: the text, or NULL with DAG_ERROR_INVALID.
 */
char *dag_context_expand(const DagContext *context, const DagTemplate *text,
                         GError **error);

/*
 * Returns: a read-only descriptor on the whole output of `task`, a predecessor whose output is
 *   read; -1 with DAG_ERROR_IO otherwise.  An empty output is -1 without an error: there is
 *   nothing to read.  Borrowed; open it anew through /proc/self/fd to have an offset of one's own.
 */
int dag_context_output_fd(const DagContext *context, DagTaskId task, GError **error);

/*
 * Returns: whether the task is to end (TERM), or to be ended at once (KILL): since the run is to
 *   stop, or since the time is up that the run or the task may take.  KILL follows TERM after the
 *   grace.  A clean-up is told only that it is to be ended at once, or that its own time is up.
 */
DagCancelLevel dag_context_cancel_level(DagContext *context);

/*
 * As poll(), of up to 7 descriptors; returns too when dag_context_cancel_level() may have risen.
 * Returns: the number of `fds` with events, perhaps 0; -1 with errno set.
 */
int dag_context_poll(DagContext *context, struct pollfd *fds, nfds_t n_fds, int timeout_ms);

/*
 * Tells with which exit code the task ended: 128 + n for the end by signal n.
 * Returns: DAG_SUCCEEDED if the task's author expects it (0 unless declared), else DAG_FAILED:
 *   then tell the reason too.
 */
DagOutcome dag_context_set_exit_code(DagContext *context, int exit_code);

/* Returns: whether anybody is interested in what the task says. */
bool dag_context_wants_transcript(const DagContext *context);

/*
 * Appends to the task's output, which successors read.  If not all of it can be kept, for want of
 * space or descriptors, the task fails.
 */
void dag_context_write_output(DagContext *context, const void *bytes, size_t size);

/*
 * Appends to what the task says to people: output and errors, in the order in which they come.
 * Call it as soon as the bytes are there, in pieces of any size.
 */
void dag_context_write_transcript(DagContext *context, const void *bytes, size_t size);

/* Tells why the task did not succeed: a sentence such as "exit status 2". */
void dag_context_set_reason(DagContext *context, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

G_END_DECLS
