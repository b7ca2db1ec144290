/* SPDX-License-Identifier: MIT */
/*
 * The kinds of task that dagrun comes with: programs, scripts, waiting, burning time, nothing.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/kind.h>

G_BEGIN_DECLS

/* Returns: every kind, NULL-terminated; static. */
const DagKind *const *dag_tasks_kinds(void);

/*
 * Makes this process the parent of whatever its descendants leave behind, so that
 * dag_tasks_end_leftovers() finds it even if it went into a session of its own.  For a program
 * whose only children are tasks; the setting is the whole process's.
 */
void dag_tasks_adopt_orphans(void);

/*
 * Ends the processes that tasks left running, in their process groups or adopted: TERM,
 * `grace_ms` milliseconds to follow it, KILL.  Call it after dag_execute(), from one thread.
 * When the level of `cancel` (or NULL) rises meanwhile, KILL follows at once.
 *
 * Returns: the number of groups and adopted processes that were still alive.
 */
unsigned dag_tasks_end_leftovers(int grace_ms, const DagCancel *cancel);

G_END_DECLS
