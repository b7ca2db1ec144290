/* SPDX-License-Identifier: MIT */
/*
 * A directory with a file per task that holds what the task said, as it came.  Immutable.
 */
#pragma once

#include "output/spool.h"

#include <dagrun/graph.h>

typedef struct Logs Logs;

/*
 * Takes away the logs that earlier runs left for the tasks of `graph`.
 * Returns: NULL with DAG_ERROR_IO if the directory cannot be opened.
 */
Logs *dag__logs_new(const DagGraph *graph, const char *directory, GError **error);
void dag__logs_free(Logs *logs);

/*
 * Makes `spool` write the log of `id`.  The first attempt (1) begins it anew, each later one goes
 * on with a line that tells its number.  Worker thread.
 */
void dag__logs_begin(const Logs *logs, DagTaskId id, unsigned attempt, DagSpool *spool);
