/* SPDX-License-Identifier: MIT */
/*
 * The processes of a run, other than the programs that its tasks run now: the orphans that this
 * process adopted, and all that descends from it.
 */
#pragma once

#include "tasks.h"

/* Leave `pid`, a child of the first thread that no task has started, out of the orphans; 0: none.
 * Before the run. */
void dag__orphans_set_guard(DagTasks *tasks, pid_t pid);

/*
 * Return false only if certainly nothing that tasks of the run have started outlives its task, in any
 * group or session.  Reaps orphans that have ended.  Call it after waiting for a task's
 * program.  Any thread.
 */
bool dag__orphans_are_possible(DagTasks *tasks);

/* Return the orphans of the run that are alive, of pid_t.  Reaps those that have ended.  If this
 * process cannot adopt them, return all processes of the run, as dag__run_processes() does.  Any
 * thread. */
GArray *dag__orphans_list(DagTasks *tasks);

/* Return every living process of the run, of ProcessEntry.  Reads the whole process table.  Any
 * thread. */
GArray *dag__run_processes(DagTasks *tasks);

/* Claim the processes, of ProcessEntry, from now on, even if they lose their parent: for the end of
 * a run, when their numbers are not reused yet. */
void dag__orphans_remember(DagTasks *tasks, const GArray *processes);
