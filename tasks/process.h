/* SPDX-License-Identifier: MIT */
/*
 * The process of a task: the parts of its description that exec and shell have in common.
 */
#pragma once

#include <dagrun/place.h>

/* The resource of tasks with terminal="true": one of them runs at a time. */
#define DAG__TERMINAL "/dev/tty"

/*
 * Add the task's directory and variables to the description, and let the place of the run run the
 * process.  `process` has arguments, input and the variables of the kind, which precede the task's.
 * Worker thread.
 *
 * Returns: as DagPlace.run; the reason of a failure is passed to the context.
 */
DagOutcome dag__process_run(DagContext *context, const DagProcess *process);

/* Add the parts of the description to a key that exec and shell have in common: directory, variables, and
 * `input`, which may be NULL.  Returns: false with `error` set. */
bool dag__process_identify(DagContext *context, const DagTemplate *input, DagKey *key,
                           GError **error);

/* Return true if the processes of the run run on this machine. */
bool dag__process_is_local(DagContext *context);

/* Return the working directory of the task: that of the graph, or its own.  NULL without an error: that of the
 * program.  Free with g_free(). */
char *dag__process_directory(const DagContext *context, GError **error);
