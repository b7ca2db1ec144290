/* SPDX-License-Identifier: MIT */
/*
 * Descriptors, processes and memory may be used up for a while; what runs gives them back.
 */
#pragma once

#include <dagrun/context.h>

/* One worker's wait; zero it first. */
typedef struct Shortage {
    int pause_ms;     /* the last one; 0: none yet */
    int64_t alone_ns; /* since when no program of ours runs; 0: some did */
} Shortage;

/* Returns: whether `problem`, an errno, is that something is used up that may be given back. */
bool dag__is_shortage(int problem);

/* Returns: whether not a single descriptor can be had.  Whoever passes on an output tells in words
 * only why it could not. */
bool dag__lacks_descriptors(void);

/*
 * Waits a while, longer each time.  Worker thread.
 * Returns: whether to try again; false if the run is to stop, or nothing of ours has been running
 *   for so long that nothing will be given back.
 */
bool dag__shortage_wait(Shortage *shortage, DagContext *context);
