/* SPDX-License-Identifier: MIT */
/*
 * Running one program to its end, and hearing what it says.
 */
#pragma once

#include <dagrun/context.h>

typedef struct Process {
    char **arguments;      /* NULL-terminated; the first is searched for in PATH */
    char **environment;    /* NULL-terminated */
    const char *directory; /* absolute, or NULL for dagrun's own */
    DagTaskId input;       /* whose output is standard input, or DAG_TASK_NONE */
} Process;

/*
 * Runs the program and waits for its end.  Worker thread.
 * Returns: DAG_SUCCEEDED (status 0), DAG_FAILED or DAG_CANCELLED, the reason and what it said
 *   told to the context.
 */
DagOutcome dag__process_run(DagContext *context, const Process *process);
