/* SPDX-License-Identifier: MIT */
/*
 * A task may leave something running: a server that later tasks talk to.  It lives on until the
 * run has ended, and then ends too.
 *
 * A number of a group is not given to another as long as anything lives in the group, and only
 * groups that are alive are asked to end.
 */
#include "leftovers.h"

#include <dagrun/tasks.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GArray *groups; /* of pid_t; protected by lock */

/* Those that ended and were handed to us (a subreaper's children) are dead, not alive. */
static void
reap(pid_t group)
{
    while (waitpid(-group, NULL, WNOHANG) > 0)
        ;
}

bool
dag__group_is_alive(pid_t group)
{
    if (kill(-group, 0) == 0 || errno == EPERM) {
        reap(group);
        return kill(-group, 0) == 0 || errno == EPERM;
    }
    return false;
}

void
dag__leftovers_add(pid_t group)
{
    pthread_mutex_lock(&lock);
    if (!groups)
        groups = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_array_append_val(groups, group);
    pthread_mutex_unlock(&lock);
}

static unsigned
signal_all(const GArray *list, int signal_number)
{
    unsigned n_alive = 0;

    for (guint i = 0; i < list->len; i++) {
        pid_t group = g_array_index(list, pid_t, i);

        if (dag__group_is_alive(group)) {
            n_alive++;
            kill(-group, signal_number);
        }
    }
    return n_alive;
}

static bool
any_is_alive(const GArray *list)
{
    for (guint i = 0; i < list->len; i++)
        if (dag__group_is_alive(g_array_index(list, pid_t, i)))
            return true;
    return false;
}

unsigned
dag_tasks_end_leftovers(int grace_ms)
{
    const struct timespec step = {0, 5000000};
    GArray *list;
    unsigned n_alive;

    pthread_mutex_lock(&lock);
    list = g_steal_pointer(&groups);
    pthread_mutex_unlock(&lock);
    if (!list)
        return 0;

    n_alive = signal_all(list, SIGTERM);
    for (int waited_ms = 0; waited_ms < grace_ms && any_is_alive(list); waited_ms += 5)
        nanosleep(&step, NULL);
    signal_all(list, SIGKILL);
    for (int waited_ms = 0; waited_ms < 1000 && any_is_alive(list); waited_ms += 5)
        nanosleep(&step, NULL);
    g_array_unref(list);
    return n_alive;
}
