/* SPDX-License-Identifier: MIT */
/*
 * The terminal of a run, which one task at a time may have.
 */
#pragma once

#include "tasks.h"

#include <dagrun/context.h>

/* Returns: NULL if the caller lends no terminal. */
Foreground *dag__foreground_new(const DagTasksOptions *options);
void dag__foreground_free(Foreground *foreground);

/*
 * Worker thread.  Wait until the terminal is lent to the attempt, and take it: note its settings.
 * Returns: its descriptor, which stays open until dag__foreground_give_back(); -1 if the attempt gets no
 *   terminal, or is cancelled.
 */
int dag__foreground_take(DagTasks *tasks, DagContext *context);

/* Worker thread.  Note the process group that the program leads, before the table of groups has it. */
void dag__foreground_set_group(DagTasks *tasks, pid_t group);

/* Worker thread.  Put dagrun into the foreground again: the program could not be executed. */
void dag__foreground_reclaim(DagTasks *tasks);

/* Worker thread.  Put dagrun into the foreground again, unless a shell has put another job there, and
 * restore the settings.  Returns: false if the terminal is gone. */
bool dag__foreground_give_back(DagTasks *tasks);

/* Worker thread.  Stop this process, as ^Z does, if a signal has stopped the program, which alone is in
 * the foreground. */
void dag__foreground_pass_stop_on(DagTasks *tasks, pid_t program);

/* Put dagrun into the foreground while the tasks are suspended, and back. */
void dag__foreground_suspend(DagTasks *tasks);
void dag__foreground_resume(DagTasks *tasks);
