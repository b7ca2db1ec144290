/* SPDX-License-Identifier: MIT */
/*
 * The kinds of task that dagrun comes with: programs, scripts, waiting, burning time, nothing.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/kind.h>

G_BEGIN_DECLS

/*
 * Where SIGCHLD is ignored, or another thread waits for whatever child ends, the exit status of a
 * program is lost, and its task fails.
 * Returns: every kind, NULL-terminated; static.
 */
const DagKind *const *dag_tasks_kinds(void);

/*
 * Makes this process the parent of whatever its descendants leave behind, so that
 * dag_tasks_end_leftovers() finds it even if it went into a session of its own.  For a program
 * whose only children are tasks; the setting is the whole process's.
 */
void dag_tasks_adopt_orphans(void);

/*
 * Starts a child that ends all that tasks have started should this process die without having
 * done so, as it does when it is killed or crashes.  For a program whose only children are tasks;
 * call it from the first thread while there is no other, best while the program is small.  It adds
 * the variable DAGRUN_RUN to the environment, by which the guard knows what is ours.
 *
 * Returns: false with DAG_ERROR_IO; all works then, only unguarded.
 */
bool dag_tasks_start_guard(GError **error);

/* Ends the guard, if there is one; call it last, from the first thread. */
void dag_tasks_end_guard(void);

/*
 * Ends the processes that tasks left running, in their process groups or adopted: TERM,
 * `grace_ms` milliseconds to follow it, KILL.  Call it after dag_execute(), from one thread.
 * When the level of `cancel` (or NULL) rises meanwhile, KILL follows at once.
 *
 * survivors_out (or NULL) tells what KILL did not end, such as "process 4711 (sleep 1000):
 * Operation not permitted", NULL-terminated; free with g_strfreev().
 *
 * Returns: the number of groups and adopted processes that were still alive.
 */
unsigned dag_tasks_end_leftovers(int grace_ms, const DagCancel *cancel,
                                 GStrv *survivors_out);

/*
 * Stops (suspends) all that tasks have started, and starts nothing until dag_tasks_resume(): what
 * a shell does to a job at ^Z.  Both from one thread, any.  Time goes on meanwhile: what was
 * stopped took that much longer, and a limit of time counts it.
 */
void dag_tasks_suspend(void);

/* Continues what dag_tasks_suspend() has stopped. */
void dag_tasks_resume(void);

G_END_DECLS
