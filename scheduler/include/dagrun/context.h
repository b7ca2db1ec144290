/* SPDX-License-Identifier: MIT */
/*
 * The interface between a running attempt of a task and the run.  A context belongs to one
 * attempt.  All functions here are for the thread that runs the attempt: the worker thread, or the
 * I/O thread for connection kinds.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/graph.h>
#include <dagrun/kind.h>
#include <dagrun/run-files.h>
#include <dagrun/spool.h>
#include <poll.h>

G_BEGIN_DECLS

/* Return the task that runs. */
DagTaskId dag_context_task(const DagContext *context);

/* Return the graph of the task; borrowed. */
const DagGraph *dag_context_graph(const DagContext *context);

/*
 * Expand a template.  The output of a task is inserted without its trailing newlines, its outcome as
 * its word (dag_outcome_name()).  An output that contains a NUL byte or is longer than 8 MiB cannot be
 * an argument and is an error.
 *
 * Returns: the text, to be freed with g_free(); NULL with DAG_ERROR_INVALID.
 */
char *dag_context_expand(const DagContext *context, const DagTemplate *text,
                         GError **error);

/*
 * Return the outcome of `task`, a predecessor: that of its last attempt.  A failure that was allowed is
 * DAG_FAILED, too.  O(1).
 */
DagOutcome dag_context_outcome(const DagContext *context, DagTaskId task);

/*
 * Return the outcome of the run so far: DAG_CANCELLED or DAG_TIMED_OUT if that stopped it; else DAG_FAILED
 * if a task failed or timed out that was not allowed to, or DAG_SUCCEEDED.  O(1).
 */
DagOutcome dag_context_run_outcome(const DagContext *context);

/*
 * Fill ids_out[max] with the tasks that have failed or timed out so far and were not allowed to, in the
 * order in which they ended; all but the first `max` are left out.  O(max).
 * Returns: the number of all of them.
 */
size_t dag_context_failed(const DagContext *context, DagTaskId *ids_out, size_t max);

/*
 * Open the whole output of `task`, a predecessor whose output is read, for reading.  The descriptor
 * is the caller's, has an offset of its own, and is closed on exec.
 *
 * Returns: -1 with DAG_ERROR_IO; -1 without an error if the output is empty.
 */
int dag_context_open_output(const DagContext *context, DagTaskId task, GError **error);

/*
 * Return the absolute path of a file with the output of `task`, a predecessor whose output is read;
 * free with g_free().  The first call for a task makes the file, which stays until
 * dag_run_files_remove().  An empty output is an empty file.
 *
 * Returns: NULL with DAG_ERROR_IO if there is no place for the file, or a task has altered it.
 */
char *dag_context_output_file(const DagContext *context, DagTaskId task, DagRunFiles *files,
                              GError **error);

/*
 * Return the level to which the task is cancelled: because the run is cancelled, or because the
 * time limit of the run or of the task has passed.  At DAG_CANCEL_TERM the task should end, at
 * DAG_CANCEL_KILL it must end at once.  KILL follows TERM after the grace.  A clean-up ignores the
 * time limit of the run and a cancellation at TERM.
 */
DagCancelLevel dag_context_cancel_level(DagContext *context);

/* Return true if the first reason to end the task was its own time limit. */
bool dag_context_is_timed_out(const DagContext *context);

/*
 * Like poll(), for up to 7 descriptors, but also return when dag_context_cancel_level() may have
 * risen.
 * Returns: the number of `fds` with events, which may be 0; -1 with errno set.
 */
int dag_context_poll(DagContext *context, struct pollfd *fds, nfds_t n_fds, int timeout_ms);

/*
 * Set the exit code of the task; 128 + n if signal n ended it.
 * Returns: DAG_SUCCEEDED if the task declares the code as expected (0 if it declares none), else
 *   DAG_FAILED; then set the reason too.
 */
DagOutcome dag_context_set_exit_code(DagContext *context, int exit_code);

/* Return true if the transcript is used: an observer or a log takes it. */
bool dag_context_wants_transcript(const DagContext *context);

/*
 * Append to the output of the task, which successors read.  If it cannot be stored completely, for
 * lack of space or descriptors, the task fails.
 */
void dag_context_write_output(DagContext *context, const void *bytes, size_t size);

/*
 * Append output to the transcript of the task, which is for people: output and error messages in
 * the order of their arrival.  Call it as soon as the bytes arrive, in pieces of any size.
 */
void dag_context_write_transcript(DagContext *context, const void *bytes, size_t size);

/* Append to the output and to the transcript.  The text is stored once, as long as the two are
 * alike. */
void dag_context_write_both(DagContext *context, const void *bytes, size_t size);

/* Append error messages to the transcript, likewise.  A line of the one is never put into a line of
 * the other. */
void dag_context_write_errors(DagContext *context, const void *bytes, size_t size);

/*
 * The text that processes of a task write after it has ended, as a server does that it started.  It
 * goes on into the task's log; its end is DAG_EVENT_LATE_TEXT.  Counted by references; it may outlive
 * the run, and drops the text then.
 */
typedef struct DagLateText DagLateText;

/* Return the late text of the task, to be freed with dag_late_text_unref().
 * Returns: NULL if no observer and no log takes it. */
DagLateText *dag_context_late_text(DagContext *context);

/* Return another reference. */
DagLateText *dag_late_text_ref(DagLateText *text);

/* Release a reference; NULL is fine. */
void dag_late_text_unref(DagLateText *text);

/* Append to the late text.  Any thread. */
void dag_late_text_write(DagLateText *text, DagStream stream, const void *bytes,
                         size_t size);

/* If the attempt fails, let no other follow, whatever the task's `retries`: the next would fail as well, or do
 * harm. */
void dag_context_forbid_retry(DagContext *context);

/* Return true if another attempt follows should this one fail, unless the run stops. */
bool dag_context_may_retry(const DagContext *context);

/* Let no later run take over the result of the task: a part of it does not outlast this run, such as a server. */
void dag_context_forbid_reuse(DagContext *context);

/* Set the reason why the task did not succeed, such as "exit status 2". */
void dag_context_set_reason(DagContext *context, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

G_END_DECLS
