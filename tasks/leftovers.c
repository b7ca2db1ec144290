/* SPDX-License-Identifier: MIT */
/*
 * A task may leave something running: a server that later tasks talk to.  It lives on until the
 * run has ended, and then ends too.
 *
 * What stayed in its task's process group is found by the group.  A number of a group is not
 * given to another as long as anything lives in the group, and only groups that are alive are
 * asked to end.  What went into a session of its own is found only by a process that adopts
 * orphans: it is then our child, and the kernel lists those.
 */
#include "leftovers.h"

#include <dagrun/tasks.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GArray *groups;       /* of pid_t; protected by lock */
static atomic_uint n_drains; /* threads that read what leftovers say */

/* Those that ended and were handed to us are dead, not alive. */
static void
reap(pid_t group)
{
    while (waitpid(-group, NULL, WNOHANG) > 0)
        ;
}

bool
dag__group_is_alive(pid_t group)
{
    if (kill(-group, 0) < 0 && errno == ESRCH)
        return false;
    reap(group);
    return kill(-group, 0) == 0 || errno != ESRCH;
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

/* A thread of its own: there are few of these, and they mostly wait. */
static gpointer
drain(gpointer data)
{
    struct pollfd end = {.fd = GPOINTER_TO_INT(data), .events = POLLIN};
    char buffer[4096];
    ssize_t n = 1;

    while (n != 0) {
        poll(&end, 1, -1);
        n = read(end.fd, buffer, sizeof(buffer));
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    close(end.fd);
    atomic_fetch_sub(&n_drains, 1);
    return NULL;
}

void
dag__leftovers_drain(int fd)
{
    GThread *thread;

    atomic_fetch_add(&n_drains, 1);
    thread = g_thread_try_new("drain", drain, GINT_TO_POINTER(fd), NULL);
    if (thread) {
        g_thread_unref(thread);
    } else {
        atomic_fetch_sub(&n_drains, 1);
        close(fd);
    }
}

void
dag_tasks_adopt_orphans(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static bool
adopts_orphans(void)
{
    int adopts = 0;

    return prctl(PR_GET_CHILD_SUBREAPER, &adopts) == 0 && adopts;
}

/* Appends the children of one thread of ours, as the kernel lists them, to `pids`. */
static void
list_children_of(const char *thread, GArray *pids)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%s/children", thread);
    g_autofree char *text = NULL;
    char *next;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    for (char *at = text; *at; at = next) {
        pid_t pid = (pid_t)strtol(at, &next, 10);

        if (next == at)
            break;
        if (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0)
            g_array_append_val(pids, pid);
    }
}

/* Returns: our children that are alive, if all of them are what tasks left; of pid_t. */
static GArray *
list_adopted(void)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    GDir *threads = adopts_orphans() ? g_dir_open("/proc/self/task", 0, NULL) : NULL;
    const char *thread;

    while (threads && (thread = g_dir_read_name(threads)))
        list_children_of(thread, pids);
    g_clear_pointer(&threads, g_dir_close);
    return pids;
}

/* Returns: how many groups and adopted processes are alive; sends them the signal unless 0. */
static unsigned
signal_all(const GArray *list, int signal_number)
{
    g_autoptr(GArray) adopted = NULL;
    unsigned n_alive = 0;

    for (guint i = 0; i < list->len; i++) {
        pid_t group = g_array_index(list, pid_t, i);

        if (dag__group_is_alive(group)) {
            n_alive++;
            kill(-group, signal_number);
        }
    }
    adopted = list_adopted();
    for (guint i = 0; i < adopted->len; i++)
        kill(g_array_index(adopted, pid_t, i), signal_number);
    return n_alive + adopted->len;
}

/* Returns: whether all are gone before the time is over. */
static bool
wait_for_all(const GArray *list, int limit_ms)
{
    for (int waited_ms = 0; signal_all(list, 0) > 0; waited_ms += 5) {
        if (waited_ms >= limit_ms)
            return false;
        poll(NULL, 0, 5);
    }
    return true;
}

unsigned
dag_tasks_end_leftovers(int grace_ms)
{
    GArray *list;
    unsigned n_alive;

    pthread_mutex_lock(&lock);
    list = groups ? g_steal_pointer(&groups) : g_array_new(FALSE, FALSE, sizeof(pid_t));
    pthread_mutex_unlock(&lock);

    n_alive = signal_all(list, SIGTERM);
    if (n_alive > 0 && !wait_for_all(list, grace_ms)) {
        /* Killing one may hand us its children, so again until none is left. */
        for (int round = 0; round < 100 && signal_all(list, SIGKILL) > 0; round++)
            wait_for_all(list, 20);
    }
    g_array_unref(list);
    /* What has ended has closed its pipes; the threads that read them notice at once. */
    for (int waited_ms = 0; atomic_load(&n_drains) > 0 && waited_ms < 100; waited_ms++)
        poll(NULL, 0, 1);
    return n_alive;
}
