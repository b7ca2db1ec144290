/* SPDX-License-Identifier: MIT */
/*
 * Opening two pipes for each task would cost 4 % of the time of a program as short as /bin/true, so
 * idle channels keep theirs.  They are a stack: the channel used last is taken first.  A run has as
 * many channels as it has had tasks under way at once.
 *
 * When descriptors are used up, the last ones are left to others (reports, spills, logs) as long
 * as a program of the run is under way, which will give its own back.
 */
#include "channels.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The descriptors left to others: this many, or a quarter of the limit if that is less.  A run with
 * reports and logs uses fewer. */
#define RESERVE 16

/* The pipes of the first channels are larger than the kernel makes them, so that a program that
 * writes line by line does not block after 16 lines (see arrivals.c).  The kernel gives an
 * ordinary user 64 MiB of pipes; this is half of it, or less. */
#define LARGE_PIPE     1048576
#define LARGE_CHANNELS 16

void
dag__pipe_close(Pipe *pair)
{
    if (pair->read_fd >= 0)
        close(pair->read_fd);
    if (pair->write_fd >= 0)
        close(pair->write_fd);
    *pair = (Pipe){.read_fd = -1, .write_fd = -1};
}

/* Return whether `fd` is in the reserve.  It was the lowest free one, so nearly all are used. */
static bool
is_in_reserve(DagTasks *tasks, int fd)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           (rlim_t)fd >= limit.rlim_cur - MIN(RESERVE, limit.rlim_cur / 4) &&
           dag__groups_any(tasks->groups);
}

/* Returns: false with errno set. */
static bool
pipe_open(DagTasks *tasks, Pipe *pair, bool is_large)
{
    int fds[2];

    if (pair->read_fd >= 0)
        return true;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return false;
    *pair = (Pipe){.read_fd = fds[0], .write_fd = fds[1]};
    if (is_in_reserve(tasks, fds[1])) {
        dag__pipe_close(pair);
        errno = EMFILE;
        return false;
    }
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    if (is_large)
        fcntl(fds[0], F_SETPIPE_SZ, LARGE_PIPE);
    pair->capacity = fcntl(fds[0], F_GETPIPE_SZ);
    return true;
}

static void
close_descriptors(Channel *channel)
{
    dag__pipe_close(&channel->output);
    dag__pipe_close(&channel->errors);
}

static Channel *
channel_new(DagTasks *tasks)
{
    Channel *channel = g_new0(Channel, 1);

    channel->output = channel->errors = (Pipe){.read_fd = -1, .write_fd = -1};
    channel->entry = dag__groups_enter(tasks->groups);
    pthread_mutex_lock(&tasks->lock);
    if (!tasks->has_resets)
        dag__spawn_resets(&tasks->resets);
    tasks->has_resets = true;
    pthread_mutex_unlock(&tasks->lock);
    return channel;
}

/* Returns: the idle channel that was used last, or NULL. */
static Channel *
take_idle(DagTasks *tasks)
{
    Channel *channel = NULL;

    pthread_mutex_lock(&tasks->lock);
    if (tasks->idle_channels->len > 0)
        channel =
            g_ptr_array_steal_index(tasks->idle_channels, tasks->idle_channels->len - 1);
    pthread_mutex_unlock(&tasks->lock);
    return channel;
}

Channel *
dag__channel_open(DagTasks *tasks)
{
    Channel *channel = take_idle(tasks);
    bool is_large;

    if (!channel)
        channel = channel_new(tasks);
    is_large = channel->entry < LARGE_CHANNELS;
    if (!pipe_open(tasks, &channel->output, is_large) ||
        !pipe_open(tasks, &channel->errors, is_large)) {
        int problem = errno;

        dag__channel_release(tasks, channel);
        errno = problem;
        return NULL;
    }
    return channel;
}

void
dag__channel_close(DagTasks *tasks, Channel *channel)
{
    pthread_mutex_lock(&tasks->lock);
    g_ptr_array_add(tasks->idle_channels, channel);
    pthread_mutex_unlock(&tasks->lock);
}

void
dag__channel_release(DagTasks *tasks, Channel *channel)
{
    dag__channel_close(tasks, channel);
    dag__channels_close_idle(tasks);
}

void
dag__channels_close_idle(DagTasks *tasks)
{
    pthread_mutex_lock(&tasks->lock);
    for (guint i = 0; i < tasks->idle_channels->len; i++)
        close_descriptors(tasks->idle_channels->pdata[i]);
    pthread_mutex_unlock(&tasks->lock);
}

void
dag__channels_free(DagTasks *tasks)
{
    dag__channels_close_idle(tasks);
    for (guint i = 0; i < tasks->idle_channels->len; i++)
        g_free(tasks->idle_channels->pdata[i]);
    g_ptr_array_unref(tasks->idle_channels);
}
