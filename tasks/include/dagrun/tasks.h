/* SPDX-License-Identifier: MIT */
/*
 * The kinds of task that dagrun comes with: programs, scripts, waiting, burning time, nothing.
 */
#pragma once

#include <dagrun/kind.h>

G_BEGIN_DECLS

/* Returns: every kind, NULL-terminated; static. */
const DagKind *const *dag_tasks_kinds(void);

/*
 * Ends the processes that tasks left running in their process groups: TERM, `grace_ms`
 * milliseconds to follow it, KILL.  Call it after dag_execute(), from one thread.
 *
 * Returns: the number of groups that were still alive.
 */
unsigned dag_tasks_end_leftovers(int grace_ms);

/* Time between TERM and KILL for what is asked to end, milliseconds. */
#define DAG_TASKS_GRACE_MS 5000

G_END_DECLS
