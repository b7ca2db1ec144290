/* SPDX-License-Identifier: MIT */
/*
 * Threads that read the pipes of processes that outlived their task.
 */
#pragma once

#include <stdbool.h>

/* The number of drains of one run.  A drain may outlive the run, if a process does. */
typedef struct Drains Drains;

Drains *dag__drains_new(void);
void dag__drains_unref(Drains *drains);

/*
 * Start a thread that reads `fd` and discards the bytes, until all writers have closed the pipe;
 * else a process that still writes would get SIGPIPE.  Takes `fd`.  Any thread.
 */
void dag__drains_add(Drains *drains, int fd);

/* Wait until all drains have ended, at most `limit_ms`. */
void dag__drains_wait(Drains *drains, int limit_ms);
