/* SPDX-License-Identifier: MIT */
/*
 * Channels: the descriptors through which one program is run and its output read, used again from
 * task to task.
 */
#pragma once

#include "tasks.h"

#include <signal.h>

/* A pipe whose reading end does not block.  -1: that end is closed. */
typedef struct Pipe {
    int read_fd;
    int write_fd;
    int capacity; /* in bytes */
    /* The thread to which the kernel sends the signals of arrivals.c; 0: none yet. */
    pid_t receiver;
} Pipe;

/* A channel belongs to one thread at a time, from dag__channel_open() to dag__channel_close(). */
typedef struct Channel {
    Pipe output;
    Pipe errors;
    int entry; /* in the table of groups */
} Channel;

/*
 * Return a channel with its pipes open: an idle one, or a new one.  Any thread.
 * Returns: NULL with errno set.
 */
Channel *dag__channel_open(DagTasks *tasks);

/* Put the channel back when its task has ended; its descriptors stay open for the next task. */
void dag__channel_close(DagTasks *tasks, Channel *channel);

/* Put the channel back, and close its descriptors and those of all idle channels of the run: for a
 * thread that lacks descriptors. */
void dag__channel_release(DagTasks *tasks, Channel *channel);

/* Close the descriptors of all idle channels of the run. */
void dag__channels_close_idle(DagTasks *tasks);

/* Free all channels, which must be idle. */
void dag__channels_free(DagTasks *tasks);

void dag__pipe_close(Pipe *pair);
