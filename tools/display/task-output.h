/* SPDX-License-Identifier: MIT */
/*
 * Prints what tasks wrote, in one section per task, when it has ended.  The output of a task that
 * succeeded is a result: it goes to standard output, unless it is meant for another task.  Its error
 * messages go there, too, each in its place, unless they are to be separate.  All text of a failed
 * task is a diagnostic and goes to standard error.  A section ends with a newline, unless it is binary data, and with the
 * terminal as it was before.
 */
#pragma once

#include "display/kept-texts.h"

#include <dagrun/execute.h>
#include <stdbool.h>

/* Larger outputs are not printed to their end once the run is cancelled. */
#define TASK_OUTPUT_LARGE 1048576

typedef struct TaskOutput {
    bool to_stderr;          /* print results on standard error, too */
    bool color;              /* print colours on standard error */
    bool output_is_filtered; /* remove control sequences on standard output */
    bool output_has_color;   /* then keep colours there */
    bool is_brief; /* print only head and tail of failed tasks, and keep the rest */
    const char *log_directory; /* of --output, or NULL */
    bool are_separate;         /* print error messages on standard error */
    bool line_is_open;  /* binary data on standard output did not end with a newline */
    bool prints_all;    /* print also outputs that other tasks read */
    bool is_incomplete; /* stored output could not be read back */
    KeptTexts kept;     /* of failed tasks */
} TaskOutput;

/* Return whether the output of the task, as opposed to its error messages, is printed. */
bool task_output_is_printed(const TaskOutput *output, const DagEvent *event);

/* Print the text of the task of `event`, which has succeeded. */
void task_output_print(TaskOutput *output, const DagEvent *event);

/* Print the text of the task of `event`, which has failed, on standard error: all of it, or its head
 * and tail. */
void task_output_diagnose(TaskOutput *output, const DagEvent *event);

/* Print the last lines of a DAG_EVENT_LATE_TEXT on standard error. */
void task_output_print_late(const TaskOutput *output, const DagEvent *event);

/* Report on standard error output that could not be stored or logged. */
void task_output_report_loss(const TaskOutput *output, const DagEvent *event);
