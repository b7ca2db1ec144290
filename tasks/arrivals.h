/* SPDX-License-Identifier: MIT */
/*
 * The order in which a program writes to its two pipes.
 */
#pragma once

#include "channels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than the packets that two pipes hold, so one call of the kernel's queue empties it. */
#define DAG__MAX_ARRIVALS 256

/* Used by the worker thread that runs the program. */
typedef struct Arrivals {
    Pipe *pipes[2];      /* of output and of errors; borrowed */
    sigset_t mask;       /* of the thread, before */
    bool is_known;       /* the kernel tells the order */
    bool is_whole[2];    /* the pipe is no longer divided into packets */
    int stream;          /* of the last bytes read: 0 or 1 */
    uint64_t n_in_a_row; /* bytes read from it since the last ones of the other */
    int unfinished;      /* the stream that may hold more of one large write, or -1 */
    size_t n_queued, n_taken;
    size_t n_left[2];                 /* of the queue, by stream */
    uint8_t queue[DAG__MAX_ARRIVALS]; /* the stream of each write, in order */
} Arrivals;

/* Begin before the program starts.  Borrows the pipes.  A few signals are blocked in this thread
 * until dag__arrivals_end(). */
void dag__arrivals_begin(Arrivals *arrivals, Pipe *output, Pipe *errors);

/* End, from the same thread.  The pipes must be open still. */
void dag__arrivals_end(Arrivals *arrivals);

/*
 * Read the next piece, of at most `size` bytes, which must be 4096 or more.
 * Returns: its length, with *stream_out set to 0 (output) or 1 (errors); 0 if both pipes are empty.
 */
size_t dag__arrivals_read(Arrivals *arrivals, char *buffer, size_t size, int *stream_out);
