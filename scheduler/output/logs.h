/* SPDX-License-Identifier: MIT */
/*
 * A directory of logs: a file per task with its output, written as it arrives.  Immutable.
 */
#pragma once

#include "output/spool.h"

#include <dagrun/graph.h>

typedef struct Logs Logs;

/*
 * Open the directory and remove the logs that earlier runs left for the tasks of `graph`.
 * Returns: NULL with DAG_ERROR_IO if the directory cannot be opened.
 */
Logs *dag__logs_new(const DagGraph *graph, const char *directory, GError **error);
void dag__logs_free(Logs *logs);

/*
 * Make `spool` write the log of `id`.  The first attempt (1) creates the file; each later one
 * appends a line with its number first.  Worker thread.
 */
void dag__logs_begin(const Logs *logs, DagTaskId id, unsigned attempt, DagSpool *spool);

/*
 * Open the log of `id` for appending, after its last attempt has ended.  Worker thread.
 * Returns: a descriptor to be closed, or -1 with errno set.
 */
int dag__logs_continue(const Logs *logs, DagTaskId id);
