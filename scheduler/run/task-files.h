/* SPDX-License-Identifier: MIT */
/*
 * The files that a task declares (DagTaskFiles), before and after an attempt.  On the thread that runs it, without the
 * lock of the run.
 */
#pragma once

#include "run/key.h"

/* Check, before a run, that each input that is no pattern exists, unless a task makes it.
 * Returns: false with DAG_ERROR_IO. */
bool dag__task_files_check(const DagGraph *graph, GError **error);

/* Add the content of the inputs and the names of the outputs to the key of a task.
 * Returns: false with DAG_ERROR_IO. */
bool dag__task_files_add(const DagContext *context, DagKey *key, GError **error);

/* Return a DagKept.files of the outputs as they are now, to be freed with g_free(); NULL: there are none, or one
 * cannot be read. */
char *dag__task_files_note(const DagContext *context, const DagKey *key);

/*
 * End an attempt that ran: all outputs of a success must be there; those of a failure are renamed.
 * Returns: the outcome, which is DAG_FAILED instead of DAG_SUCCEEDED if an output is missing.
 */
DagOutcome dag__task_files_end(DagContext *context, DagOutcome outcome);
