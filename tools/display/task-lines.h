/* SPDX-License-Identifier: MIT */
/*
 * Prints the lines of tasks while they are written, each after the name of its task:
 *
 *     compile | src/main.c
 */
#pragma once

#include "display/task-output.h"

typedef struct TaskLines {
    /* Of DagTaskId + 1 to the GString of an unfinished line; NULL: none yet. */
    GHashTable *open;
} TaskLines;

void task_lines_clear(TaskLines *lines);

/* Print the lines that end in the text of `event`, a DAG_EVENT_TEXT. */
void task_lines_push(TaskLines *lines, const TaskOutput *output, const DagEvent *event);

/* Print the unfinished line of the task of `event`: its attempt has ended. */
void task_lines_end(TaskLines *lines, const TaskOutput *output, const DagEvent *event);
