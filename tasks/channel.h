/* SPDX-License-Identifier: MIT */
/*
 * The pipes through which a worker hears its programs, used again from task to task.
 */
#pragma once

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A pipe whose reading end does not block. */
typedef struct Pipe {
    int read_fd; /* -1: none yet */
    int write_fd;
} Pipe;

/* What a worker keeps from task to task. */
typedef struct Channel {
    Pipe output; /* while it is in use, these are only used by the worker's thread */
    Pipe errors;
    int null_fd;
    int place;       /* in the table of groups */
    sigset_t resets; /* of dag__launch_resets() */
    atomic_bool is_in_use;
} Channel;

/*
 * Any worker thread; give the channel back with dag__channel_close() when the task has ended.
 * Returns: the calling worker's channel with pipes open, or NULL with errno set.
 */
Channel *dag__channel_open(bool with_errors);
void dag__channel_close(Channel *channel);

/* The same, and gives its descriptors back, and those of every channel that is not in use; for
 * when they are short. */
void dag__channel_surrender(Channel *channel);

void dag__pipe_close(Pipe *pair);
