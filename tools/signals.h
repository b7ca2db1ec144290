/* SPDX-License-Identifier: MIT */
/*
 * Signals: Ctrl-C cancels the run; Ctrl-Z suspends the processes of `tasks`, then dagrun.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/tasks.h>

/* Unblock all signals: a parent that blocks SIGTERM must not make dagrun immune to it.  Call this
 * first. */
void signals_unblock(void);

/*
 * Install the handlers.  SIGINT, SIGTERM, SIGHUP and all other signals that would end dagrun and
 * are no fault of the program raise `cancel`; a second signal raises it again, which kills running
 * tasks.  SIGTSTP suspends the processes of `tasks`, then dagrun; SIGCONT continues them; not if `tasks` is NULL.  A signal
 * that was ignored at start-up (nohup) stays ignored.  Call this before other threads exist.
 */
void signals_install(DagCancel *cancel, DagTasks *tasks);

/* Restore the previous handlers. */
void signals_restore(void);
