/* SPDX-License-Identifier: MIT */
/*
 * Threads that read the pipes of processes that outlived their task.
 */
#pragma once

#include <dagrun/context.h>
#include <stdbool.h>

/* The number of drains of one run.  A drain may outlive the run, if a process does. */
typedef struct Drains Drains;

Drains *dag__drains_new(void);
void dag__drains_unref(Drains *drains);

/*
 * Start a thread that reads `fd`, the pipe of `stream`, until all writers have closed the pipe; else a
 * process that still writes would get SIGPIPE.  The bytes go to `text`, or nowhere if it is NULL.  Takes
 * `fd`.  Any thread.
 */
void dag__drains_add(Drains *drains, int fd, DagLateText *text, DagStream stream);

/* Wait until all drains have ended, at most `limit_ms`. */
void dag__drains_wait(Drains *drains, int limit_ms);
