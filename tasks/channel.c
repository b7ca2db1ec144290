/* SPDX-License-Identifier: MIT */
/*
 * A channel belongs to its thread, and its descriptors to the task that it runs.  Between tasks
 * they stay open for the next one, unless somebody is short of descriptors: then whoever is may
 * close them.
 *
 * A few descriptors are left to others, for reports, spills and logs, as long as something runs
 * and will give its own back.
 */
#include "channel.h"

#include "groups.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

/* What is left to others: no more than this, nor than a quarter of all. */
#define RESERVE 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *channels; /* of Channel; protected by lock */

void
dag__pipe_close(Pipe *pair)
{
    if (pair->read_fd >= 0)
        close(pair->read_fd);
    if (pair->write_fd >= 0)
        close(pair->write_fd);
    *pair = (Pipe){-1, -1};
}

/* Whether `fd`, which is the lowest one that was free, shows that nearly all are used up. */
static bool
is_of_the_last(int fd)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           (rlim_t)fd >= limit.rlim_cur - MIN(RESERVE, limit.rlim_cur / 4) &&
           dag__groups_any();
}

/* Returns: false with errno set. */
static bool
pipe_open(Pipe *pair)
{
    int fds[2];

    if (pair->read_fd >= 0)
        return true;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return false;
    *pair = (Pipe){fds[0], fds[1]};
    if (is_of_the_last(fds[1])) {
        dag__pipe_close(pair);
        errno = EMFILE;
        return false;
    }
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    return true;
}

static void
close_descriptors(Channel *channel)
{
    dag__pipe_close(&channel->output);
    dag__pipe_close(&channel->errors);
    if (channel->null_fd >= 0)
        close(channel->null_fd);
    channel->null_fd = -1;
}

/* Returns: false if it is in use already. */
static bool
occupy(Channel *channel)
{
    bool expected = false;

    return atomic_compare_exchange_strong(&channel->is_in_use, &expected, true);
}

/* When its thread ends. */
static void
channel_free(gpointer data)
{
    Channel *channel = data;

    pthread_mutex_lock(&lock);
    g_ptr_array_remove_fast(channels, channel);
    if (channels->len == 0)
        g_clear_pointer(&channels, g_ptr_array_unref);
    pthread_mutex_unlock(&lock);
    close_descriptors(channel);
    dag__groups_leave(channel->place);
    g_free(channel);
}

static Channel *
channel_new(void)
{
    Channel *channel = g_new0(Channel, 1);

    channel->output = channel->errors = (Pipe){-1, -1};
    channel->null_fd = -1;
    channel->place = dag__groups_enter();
    dag__launch_resets(&channel->resets);
    pthread_mutex_lock(&lock);
    if (!channels)
        channels = g_ptr_array_new();
    g_ptr_array_add(channels, channel);
    pthread_mutex_unlock(&lock);
    return channel;
}

Channel *
dag__channel_open(bool with_errors)
{
    static GPrivate current = G_PRIVATE_INIT(channel_free);
    Channel *channel = g_private_get(&current);

    if (!channel) {
        channel = channel_new();
        g_private_set(&current, channel);
    }
    while (!occupy(channel))
        poll(NULL, 0, 1); /* somebody is just closing its descriptors */
    if (channel->null_fd < 0)
        channel->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (channel->null_fd < 0 || !pipe_open(&channel->output) ||
        (with_errors && !pipe_open(&channel->errors))) {
        int problem = errno;

        dag__channel_surrender(channel);
        errno = problem;
        return NULL;
    }
    return channel;
}

void
dag__channel_close(Channel *channel)
{
    atomic_store(&channel->is_in_use, false);
}

void
dag__channel_surrender(Channel *channel)
{
    atomic_store(&channel->is_in_use, false);
    pthread_mutex_lock(&lock);
    for (guint i = 0; i < channels->len; i++) {
        Channel *other = channels->pdata[i];

        if (occupy(other)) {
            close_descriptors(other);
            atomic_store(&other->is_in_use, false);
        }
    }
    pthread_mutex_unlock(&lock);
}
