/* SPDX-License-Identifier: MIT */
/*
 * A place is the machine on which processes run.  The kinds exec and shell describe a process, and
 * the place of the run (DagTasksOptions.place) runs it.  dagrun has one place: the machine on which
 * it runs itself.
 */
#pragma once

#include <dagrun/context.h>

G_BEGIN_DECLS

/* One variable of a process's environment. */
typedef struct DagProcessVariable {
    const char *name; /* without "=" */

    /* The value.  NULL: the place provides a file with the output of the task `output`, and the
     * value is the name of that file. */
    const char *value;

    /* Used if `value` is NULL.  DAG_TASK_NONE: the file is empty. */
    DagTaskId output;

    const char *file; /* the name of that empty file */
} DagProcessVariable;

/* The description of a process.  Time limits and cancellation are not part of it; the place asks
 * the context for them. */
typedef struct DagProcess {
    /* NULL-terminated.  The first is the program; without a slash in its name, it is searched for
     * in the PATH of the process's environment. */
    const char *const *arguments;

    /* A text for which the place provides a file, whose name becomes the last argument.  NULL: there
     * is none.  Lives as long as the run. */
    const char *script;

    /* Added to the environment of the place: [n_variables].  The last one of a name counts. */
    const DagProcessVariable *variables;
    size_t n_variables;

    /* The working directory, absolute.  NULL: that of the place. */
    const char *directory;

    /* The task whose output is standard input.  DAG_TASK_NONE: standard input is empty, or the
     * terminal. */
    DagTaskId input;

    /* It talks to a person, on a terminal that it has for itself, if the place has one.  No other
     * such process of the run runs meanwhile. */
    bool has_terminal;
} DagProcess;

/* A place: a constant, like a kind. */
typedef struct DagPlace {
    const char *name; /* such as "local" */

    /*
     * Run the process and wait for its end.  Called on worker threads, several at once; may block,
     * but must return soon after dag_context_cancel_level() has risen.
     *
     * Passes standard output to dag_context_write_output() and, with standard error, to
     * dag_context_write_transcript(); passes the exit code to dag_context_set_exit_code().
     * `process` is borrowed.  `data` is DagTasksOptions.place_data.
     *
     * Returns: DAG_SUCCEEDED; DAG_FAILED after dag_context_set_reason(); or DAG_CANCELLED.
     */
    DagOutcome (*run)(const DagProcess *process, DagContext *context, void *data);
} DagPlace;

G_END_DECLS
