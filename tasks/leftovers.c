/* SPDX-License-Identifier: MIT */
/*
 * A task may leave something running: a server that later tasks talk to.  It lives on until the
 * run has ended, and then ends too.
 *
 * What lives on is an orphan, or descends from one.  A process that adopts orphans (and whose
 * only children are tasks) finds them among the children of its first thread, where the kernel
 * puts them; the programs of tasks are children of the workers that started them.  An empty list
 * is certainty, for the price of one read; orphans that have ended are reaped on the way.
 *
 * What stayed in its task's process group is found by the group.  A number of a group is not
 * given to another as long as anything lives in the group, and only groups that are alive are
 * asked to end.  What went into a session of its own is found only by a process that adopts
 * orphans: it is then our child, and the kernel lists those.
 */
#include "leftovers.h"

#include "family.h"
#include "groups.h"

#include <dagrun/tasks.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is alive after so many rounds of KILL stays so, be it stuck in the kernel or another
 * user's: 2 s. */
#define MAX_ROUNDS 100
#define ROUND_MS   20

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GArray *groups; /* of pid_t; protected by lock */
static GArray *lost;   /* of pid_t: groups that KILL does not end; protected by lock */
static atomic_uint n_drains; /* threads that read what leftovers say */
static int children_fd = -1; /* of the list of orphans; set before there are workers */
static pid_t except; /* a child that is no orphan, or 0; set before there are workers */
static char except_text[16]; /* how the kernel lists it */

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

static void
add(GArray **list, pid_t group)
{
    pthread_mutex_lock(&lock);
    if (!*list)
        *list = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_array_append_val(*list, group);
    pthread_mutex_unlock(&lock);
}

void
dag__leftovers_add(pid_t group)
{
    add(&groups, group);
}

void
dag__leftovers_give_up(pid_t group)
{
    add(&lost, group);
}

void
dag__leftovers_except(pid_t pid)
{
    except = pid;
    *except_text = '\0';
    if (pid)
        g_snprintf(except_text, sizeof(except_text), "%d ", (int)pid);
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
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());

    if (children_fd < 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
        children_fd = open(path, O_RDONLY | O_CLOEXEC);
}

/* Appends to `pids` those of the list in `text` that are alive, and reaps the others. */
static void
list_living(const char *text, GArray *pids)
{
    char *next;

    for (const char *at = text; *at; at = next) {
        pid_t pid = (pid_t)strtol(at, &next, 10);

        if (next == at)
            break;
        if (pid != except && waitpid(pid, NULL, WNOHANG) == 0)
            g_array_append_val(pids, pid);
    }
}

/* Returns: the orphans we adopted that are alive; of pid_t. */
static GArray *
list_adopted(void)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    char text[4096]; /* what does not fit is seen when these are gone */
    ssize_t n = children_fd < 0 ? 0 : pread(children_fd, text, sizeof(text) - 1, 0);

    if (n > 0) {
        text[n] = '\0';
        /* The last number may be cut. */
        if ((size_t)n == sizeof(text) - 1)
            *(strrchr(text, ' ') + 1) = '\0';
        list_living(text, pids);
        dag__groups_set_adopted((const pid_t *)(void *)pids->data, pids->len);
    }
    return pids;
}

bool
dag__leftovers_are_possible(void)
{
    char text[sizeof(except_text)];
    ssize_t n;

    if (children_fd < 0)
        return true;
    n = pread(children_fd, text, sizeof(text), 0);
    if (n == 0 || (n == (ssize_t)strlen(except_text) && memcmp(text, except_text, n) == 0))
        return false;

    g_autoptr(GArray) adopted = list_adopted();

    return adopted->len > 0;
}

GArray *
dag__leftovers_descendants(void)
{
    GArray *family = dag__family_read();
    guint n = 0;

    dag__family_spread(family, getpid());
    for (guint i = 0; i < family->len; i++) {
        Relative one = g_array_index(family, Relative, i);

        if (one.is_ours && one.pid != except && !strchr("ZX", one.state))
            g_array_index(family, Relative, n++) = one;
    }
    g_array_set_size(family, n);
    return family;
}

/* A round of telling leftovers to end. */
typedef struct Round {
    const GArray *groups; /* of pid_t */
    int signal_number;
    GHashTable
        *told; /* of pid_t: groups (negative) and processes that got the signal, or that
                         it does not end */
} Round;

/* Sends the signal once: a program may be busy obeying the first one. */
static void
tell(const Round *round, pid_t whom)
{
    if (g_hash_table_add(round->told, GINT_TO_POINTER(whom)))
        kill(whom, round->signal_number);
}

/* Returns: how many are alive; each that has not got the signal yet gets it, also one that was
 * handed to us only now, by the end of its parent. */
static unsigned
tell_all(const Round *round)
{
    g_autoptr(GArray) adopted = NULL;
    unsigned n_alive = 0;

    for (guint i = 0; i < round->groups->len; i++) {
        pid_t group = g_array_index(round->groups, pid_t, i);

        if (dag__group_is_alive(group)) {
            n_alive++;
            tell(round, -group);
        }
    }
    adopted = list_adopted();
    for (guint i = 0; i < adopted->len; i++) {
        pid_t pid = g_array_index(adopted, pid_t, i);

        if (!g_hash_table_contains(round->told, GINT_TO_POINTER(-getpgid(pid)))) {
            n_alive++;
            tell(round, pid);
        }
    }
    return n_alive;
}

/* How long to wait for those that were told. */
typedef struct Patience {
    int limit_ms;
    const DagCancel *cancel; /* or NULL */
    DagCancelLevel level;    /* of cancel at first; a higher one ends the patience */
} Patience;

static bool
is_over(const Patience *patience, int waited_ms)
{
    return waited_ms >= patience->limit_ms ||
           (patience->cancel && dag_cancel_level(patience->cancel) > patience->level);
}

/* Returns: how many were alive at first.  Waits patiently for all to be gone. */
static unsigned
end_all(const GArray *list, int signal_number, const Patience *patience)
{
    g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
    Round round = {list, signal_number, told};
    unsigned n_alive;

    for (guint i = 0; lost && i < lost->len; i++)
        g_hash_table_add(told, GINT_TO_POINTER(-g_array_index(lost, pid_t, i)));
    n_alive = tell_all(&round);
    for (int waited_ms = 0; !is_over(patience, waited_ms) && tell_all(&round) > 0;
         waited_ms += 5)
        poll(NULL, 0, 5);
    return n_alive;
}

/* Drops the groups in which nothing of ours lives any more: their numbers may be others' now.
 * Only somebody who adopts orphans can tell. */
static void
drop_strangers(GArray *list)
{
    g_autoptr(GHashTable) living = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) ours = NULL;
    guint n = 0;

    if (children_fd < 0 || list->len == 0)
        return;
    ours = dag__leftovers_descendants();
    for (guint i = 0; i < ours->len; i++)
        g_hash_table_add(living, GINT_TO_POINTER(g_array_index(ours, Relative, i).group));
    for (guint i = 0; i < list->len; i++) {
        pid_t group = g_array_index(list, pid_t, i);

        if (g_hash_table_contains(living, GINT_TO_POINTER(group)))
            g_array_index(list, pid_t, n++) = group;
    }
    g_array_set_size(list, n);
}

/* Returns: why the process still lives; static. */
static const char *
why_alive(const Relative *one)
{
    if (kill(one->pid, SIGKILL) < 0)
        return g_strerror(errno);
    return one->state == 'D' ? "waits in the kernel" : "does not follow SIGKILL";
}

static bool
contains(const GArray *list, pid_t group)
{
    for (guint i = 0; list && i < list->len; i++)
        if (g_array_index(list, pid_t, i) == group)
            return true;
    return false;
}

/* Appends the groups in which something lives that /proc does not show us. */
static void
name_groups(const GArray *list, GPtrArray *names)
{
    for (guint i = 0; list && i < list->len; i++) {
        pid_t group = g_array_index(list, pid_t, i);

        if (dag__group_is_alive(group))
            g_ptr_array_add(names, g_strdup_printf("process group %d", (int)group));
    }
}

/* Returns: what has outlived KILL, one line each. */
static GStrv
name_survivors(const GArray *list)
{
    GPtrArray *names = g_ptr_array_new();
    g_autoptr(GArray) family = dag__family_read();

    for (guint i = 0; i < family->len; i++) {
        Relative *one = &g_array_index(family, Relative, i);

        one->is_ours = contains(list, one->group) || contains(lost, one->group);
    }
    dag__family_spread(family, getpid());
    for (guint i = 0; i < family->len; i++) {
        const Relative *one = &g_array_index(family, Relative, i);
        g_autofree char *command = NULL;

        if (!one->is_ours || one->pid == except || strchr("ZX", one->state))
            continue;
        command = dag__family_command(one->pid);
        g_ptr_array_add(names, g_strdup_printf("process %d (%s): %s", (int)one->pid,
                                               command, why_alive(one)));
    }
    if (names->len == 0) {
        name_groups(list, names);
        name_groups(lost, names);
    }
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_free(names, FALSE);
}

/* Returns: whether anything still lives.  Killing one may hand us its children, so again until
 * none is left. */
static bool
kill_all(const GArray *list)
{
    for (int round = 0; round < MAX_ROUNDS; round++)
        if (end_all(list, SIGKILL, &(Patience){.limit_ms = ROUND_MS}) == 0)
            return false;
    return true;
}

unsigned
dag_tasks_end_leftovers(int grace_ms, const DagCancel *cancel, GStrv *survivors_out)
{
    Patience grace = {grace_ms, cancel,
                      cancel ? dag_cancel_level(cancel) : DAG_CANCEL_NONE};
    GArray *list;
    unsigned n_alive;
    bool is_any_left;

    pthread_mutex_lock(&lock);
    list = groups ? g_steal_pointer(&groups) : g_array_new(FALSE, FALSE, sizeof(pid_t));
    pthread_mutex_unlock(&lock);

    drop_strangers(list);
    n_alive = end_all(list, SIGTERM, &grace);
    is_any_left = kill_all(list) || lost;
    if (survivors_out)
        *survivors_out = is_any_left ? name_survivors(list) : g_new0(char *, 1);
    g_clear_pointer(&lost, g_array_unref);
    g_array_unref(list);
    /* What has ended has closed its pipes; the threads that read them notice at once. */
    for (int waited_ms = 0; atomic_load(&n_drains) > 0 && waited_ms < 100; waited_ms++)
        poll(NULL, 0, 1);
    return n_alive;
}
