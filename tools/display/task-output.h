/* SPDX-License-Identifier: MIT */
/*
 * Prints what tasks wrote, in one section per task, when it has ended.  The output of a task that
 * succeeded is a result: it goes to standard output, unless it is meant for another task.  Its error
 * messages go there, too, each in its place, unless they are to be separate.  All text of a failed
 * task is a diagnostic and goes to standard error.  A section ends with a newline.
 */
#pragma once

#include <dagrun/execute.h>
#include <stdbool.h>

/* Larger outputs are not printed to their end once the run is cancelled. */
#define TASK_OUTPUT_LARGE 1048576

typedef struct TaskOutput {
    bool to_stderr;            /* print results on standard error, too */
    bool color;                /* colour the notes on standard error */
    const char *log_directory; /* of --output, or NULL */
    bool are_separate;         /* print error messages on standard error */
    bool prints_all;           /* print also outputs that other tasks read */
    bool is_incomplete;        /* stored output could not be read back */
} TaskOutput;

/* Print the text of the task of `event`, which has succeeded. */
void task_output_print(TaskOutput *output, const DagEvent *event);

/* Print the whole output on standard error. */
void task_output_diagnose(TaskOutput *output, const DagEvent *event);

/* Print the last lines of the output on standard error, and how much was left out. */
void task_output_diagnose_tail(const TaskOutput *output, const DagEvent *event);

/* Report on standard error output that could not be stored or logged. */
void task_output_report_loss(const TaskOutput *output, const DagEvent *event);
