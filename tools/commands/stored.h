/* SPDX-License-Identifier: MIT */
/*
 * Finding runs and tasks in the store by the words of a command line.
 */
#pragma once

#include <dagrun/store.h>

/* Print that no run of the graph is stored, and suggest a similar path.  `path`: its absolute path. */
void stored_complain_of_graph(DagStore *store, const char *name, const char *path);

/* Find a run: by its number, "last" or NULL for the newest, or the newest of a graph by its path; free it with
 * dag_stored_run_free().  Returns: NULL after an error message, with *status_out set. */
DagStoredRun *stored_find_run(DagStore *store, const char *word, int *status_out);

/* Return the task called `name` in a list of DagStoredTask; borrowed.  Returns: NULL if there is none. */
const DagStoredTask *stored_task_called(const GPtrArray *tasks, const char *name);

/* Find a task, of DagStoredTask; borrowed.  Returns: NULL after an error message. */
const DagStoredTask *stored_find_task(const DagStoredRun *run, const GPtrArray *tasks,
                                      const char *name);
