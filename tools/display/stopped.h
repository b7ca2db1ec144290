/* SPDX-License-Identifier: MIT */
/*
 * Finds processes of tasks that a signal has stopped: such a task looks like one that is slow.
 */
#pragma once

#include <dagrun/tasks.h>

/* All zero but `tasks` is a good beginning. */
typedef struct Stopped {
    DagTasks *tasks;
    /* Of line to whether it was returned; NULL: nothing was ever stopped. */
    GHashTable *seen;
    int64_t checked_ns;
} Stopped;

void stopped_clear(Stopped *stopped);

/*
 * Look at most every `interval_ns`; `now_ns` is the present time.
 * Returns: a line, such as "process 4711 (git fetch) of "fetch"", for each process that was stopped at this
 *   look and at the one before and was not returned before, NULL-terminated; free with
 *   g_strfreev().  NULL if it was not time to look.
 */
GStrv stopped_look(Stopped *stopped, const DagGraph *graph, int64_t now_ns,
                   int64_t interval_ns);
