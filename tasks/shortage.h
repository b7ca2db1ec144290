/* SPDX-License-Identifier: MIT */
/*
 * Waiting for descriptors, processes or memory that are used up for a while.  Programs that end
 * give theirs back.
 */
#pragma once

#include "tasks.h"

/* The waiting of one task; zero it first. */
typedef struct Shortage {
    int pause_ms;     /* the last pause; 0: none yet */
    int64_t since_ns; /* the time of the first failure; 0: none yet */
} Shortage;

/* Return whether `problem`, an errno, means that a resource is used up. */
bool dag__is_shortage(int problem);

/* Return whether no descriptor is free.  For errors without an errno, such as a GError. */
bool dag__lacks_descriptors(void);

/* Return whether no program of the run has run for so long, up to `now_ns`, that nothing will be
 * given back. */
bool dag__shortage_is_hopeless(Shortage *shortage, GroupTable *groups, int64_t now_ns);

/*
 * Wait, longer each time.  Worker thread.
 * Returns: true to try again; false if the task is cancelled, or if no program of the run has run
 *   for so long that nothing will be given back.
 */
bool dag__shortage_wait(Shortage *shortage, DagTasks *tasks, DagContext *context);
