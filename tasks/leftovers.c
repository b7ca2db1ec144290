/* SPDX-License-Identifier: MIT */
/*
 * A task may leave a process running, such as a server that later tasks use.  It lives until the
 * end of the run, and is ended then.
 *
 * A process that stayed in its task's process group is found by the group: the kernel does not
 * reuse the number of a group in which anything lives, and only groups that are alive are signalled.
 * A process that went into a session of its own is found as an adopted orphan (orphans.c).
 */
#include "leftovers.h"

#include "channels.h"
#include "drains.h"
#include "orphans.h"
#include "process-table.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* A process that is alive after so many rounds of SIGKILL (2 s) is stuck in the kernel or belongs
 * to another user. */
#define MAX_ROUNDS 100
#define ROUND_MS   20

/* Drains end at once when the processes have ended, since these have closed the pipes. */
#define DRAIN_MS 100

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
dag__leftovers_add(DagTasks *tasks, pid_t group)
{
    pthread_mutex_lock(&tasks->lock);
    g_array_append_val(tasks->left, group);
    pthread_mutex_unlock(&tasks->lock);
}

void
dag__leftovers_add_lost(DagTasks *tasks, pid_t group)
{
    pthread_mutex_lock(&tasks->lock);
    g_array_append_val(tasks->lost, group);
    pthread_mutex_unlock(&tasks->lock);
}

static bool
contains(const GArray *list, pid_t group)
{
    for (guint i = 0; i < list->len; i++)
        if (g_array_index(list, pid_t, i) == group)
            return true;
    return false;
}

bool
dag__leftovers_contain(DagTasks *tasks, pid_t group)
{
    bool is_in;

    pthread_mutex_lock(&tasks->lock);
    is_in = contains(tasks->left, group) || contains(tasks->lost, group);
    pthread_mutex_unlock(&tasks->lock);
    return is_in;
}

/* The end of the leftovers of one run; used by one thread. */
typedef struct Ending {
    DagTasks *tasks;
    GArray *left; /* of pid_t: copies of the lists in DagTasks */
    GArray *lost;
} Ending;

/* A round of signalling. */
typedef struct Round {
    const Ending *ending;
    int signal_number;
    /* Of pid_t: groups (negative) and processes that have got the signal, or that it does not
     * end. */
    GHashTable *signalled;
} Round;

/* Send the signal once: a second one could interrupt the handler of the first. */
static void
send_once(const Round *round, pid_t target)
{
    if (g_hash_table_add(round->signalled, GINT_TO_POINTER(target)))
        kill(target, round->signal_number);
}

/* Signal all that have not got the signal yet, also processes that were adopted since the last
 * call.  Returns: the number of those alive. */
static unsigned
signal_all(const Round *round)
{
    const GArray *left = round->ending->left;
    g_autoptr(GArray) adopted = NULL;
    unsigned n_alive = 0;

    for (guint i = 0; i < left->len; i++) {
        pid_t group = g_array_index(left, pid_t, i);

        if (dag__group_is_alive(group)) {
            n_alive++;
            send_once(round, -group);
        }
    }
    adopted = dag__orphans_list(round->ending->tasks);
    for (guint i = 0; i < adopted->len; i++) {
        pid_t pid = g_array_index(adopted, pid_t, i);

        if (!g_hash_table_contains(round->signalled, GINT_TO_POINTER(-getpgid(pid)))) {
            n_alive++;
            send_once(round, pid);
        }
    }
    return n_alive;
}

/* The time to wait for processes that were signalled. */
typedef struct Patience {
    int limit_ms;
    const DagCancel *cancel; /* or NULL */
    DagCancelLevel level;    /* of `cancel` at first; a higher one ends the waiting */
} Patience;

static bool
is_over(const Patience *patience, int waited_ms)
{
    return waited_ms >= patience->limit_ms ||
           (patience->cancel && dag_cancel_level(patience->cancel) > patience->level);
}

/* Signal all and wait until they are gone: twice none is found, as the kernel's list of children may
 * leave one out while others end.  Returns: the number of those alive at first. */
static unsigned
end_all(const Ending *ending, int signal_number, const Patience *patience)
{
    g_autoptr(GHashTable) signalled = g_hash_table_new(NULL, NULL);
    Round round = {ending, signal_number, signalled};
    unsigned n_alive;

    for (guint i = 0; i < ending->lost->len; i++)
        g_hash_table_add(signalled,
                         GINT_TO_POINTER(-g_array_index(ending->lost, pid_t, i)));
    n_alive = signal_all(&round);
    for (int waited_ms = 0, n_quiet = 0;
         n_alive > 0 && n_quiet < 2 && !is_over(patience, waited_ms); waited_ms += 5) {
        n_quiet = signal_all(&round) > 0 ? 0 : n_quiet + 1;
        poll(NULL, 0, 5);
    }
    return n_alive;
}

/* Claim all processes of the run, and drop the groups in which none lives any more: their numbers may be reused.
 * Orphans must be adopted, else the run does not know all its processes. */
static void
drop_reused_groups(const Ending *ending)
{
    g_autoptr(GHashTable) living = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) processes = NULL;
    GArray *left = ending->left;
    guint n = 0;

    /* Nearly always there are none, which one read shows; the table takes a read per process of the machine. */
    if (ending->tasks->children_fd < 0 || (left->len == 0 && ending->lost->len == 0 &&
                                           !dag__orphans_are_possible(ending->tasks)))
        return;
    processes = dag__run_processes(ending->tasks);
    dag__orphans_remember(ending->tasks, processes);
    for (guint i = 0; i < processes->len; i++)
        g_hash_table_add(living,
                         GINT_TO_POINTER(g_array_index(processes, ProcessEntry, i).group));
    for (guint i = 0; i < left->len; i++) {
        pid_t group = g_array_index(left, pid_t, i);

        if (g_hash_table_contains(living, GINT_TO_POINTER(group)))
            g_array_index(left, pid_t, n++) = group;
    }
    g_array_set_size(left, n);
}

/* Returns: the reason for which the process is still alive; static. */
static const char *
why_alive(const ProcessEntry *entry)
{
    if (kill(entry->pid, SIGKILL) < 0)
        return g_strerror(errno);
    return entry->state == 'D' ? "waits in the kernel" : "does not follow SIGKILL";
}

/* Append the groups that are alive although /proc shows none of their processes. */
static void
name_groups(const GArray *list, GPtrArray *names)
{
    for (guint i = 0; i < list->len; i++) {
        pid_t group = g_array_index(list, pid_t, i);

        if (dag__group_is_alive(group))
            g_ptr_array_add(names, g_strdup_printf("process group %d", (int)group));
    }
}

/* Return a table of the processes of the run, and of those in its groups whether or not they
 * descend from this process. */
static GArray *
read_survivors(const Ending *ending)
{
    GArray *table = dag__process_table_read();
    g_autoptr(GArray) processes = dag__run_processes(ending->tasks);
    g_autoptr(GHashTable) pids = g_hash_table_new(NULL, NULL);
    guint n = 0;

    for (guint i = 0; i < processes->len; i++)
        g_hash_table_add(pids,
                         GINT_TO_POINTER(g_array_index(processes, ProcessEntry, i).pid));
    for (guint i = 0; i < table->len; i++) {
        ProcessEntry entry = g_array_index(table, ProcessEntry, i);
        bool is_ours = g_hash_table_contains(pids, GINT_TO_POINTER(entry.pid)) ||
                       contains(ending->left, entry.group) ||
                       contains(ending->lost, entry.group);

        if (is_ours && dag__process_entry_is_alive(&entry))
            g_array_index(table, ProcessEntry, n++) = entry;
    }
    g_array_set_size(table, n);
    return table;
}

/* Returns: a line for each process that has survived SIGKILL. */
static GStrv
name_survivors(const Ending *ending)
{
    GPtrArray *names = g_ptr_array_new();
    g_autoptr(GArray) survivors = read_survivors(ending);

    for (guint i = 0; i < survivors->len; i++) {
        const ProcessEntry *entry = &g_array_index(survivors, ProcessEntry, i);
        g_autofree char *command =
            dag__process_command(entry->pid, atomic_load(&ending->tasks->secrets));

        g_ptr_array_add(names, g_strdup_printf("process %d (%s): %s", (int)entry->pid,
                                               command, why_alive(entry)));
    }
    if (names->len == 0) {
        name_groups(ending->left, names);
        name_groups(ending->lost, names);
    }
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_free(names, FALSE);
}

/* Send SIGKILL until none is alive: the end of one process may orphan its children, which are then
 * adopted.  Returns: false if some are still alive. */
static bool
kill_all(const Ending *ending)
{
    for (int round = 0; round < MAX_ROUNDS; round++)
        if (end_all(ending, SIGKILL, &(Patience){.limit_ms = ROUND_MS}) == 0)
            return true;
    return false;
}

/* Copy the lists, which tell orphans.c to the end which groups are those of the run. */
static void
ending_begin(Ending *ending, DagTasks *tasks)
{
    pthread_mutex_lock(&tasks->lock);
    *ending = (Ending){tasks, g_array_copy(tasks->left), g_array_copy(tasks->lost)};
    pthread_mutex_unlock(&tasks->lock);
}

static void
ending_finish(Ending *ending)
{
    DagTasks *tasks = ending->tasks;

    pthread_mutex_lock(&tasks->lock);
    g_array_set_size(tasks->left, 0);
    g_array_set_size(tasks->lost, 0);
    g_hash_table_remove_all(tasks->known);
    pthread_mutex_unlock(&tasks->lock);
    g_array_unref(ending->left);
    g_array_unref(ending->lost);
}

unsigned
dag_tasks_end_leftovers(DagTasks *tasks, int grace_ms, const DagCancel *cancel,
                        GStrv *survivors_out)
{
    Patience grace = {grace_ms, cancel,
                      cancel ? dag_cancel_level(cancel) : DAG_CANCEL_NONE};
    Ending ending;
    unsigned n_alive;
    bool is_any_left;

    g_return_val_if_fail(tasks, 0);
    dag__channels_close_idle(tasks);
    ending_begin(&ending, tasks);
    drop_reused_groups(&ending);
    n_alive = end_all(&ending, SIGTERM, &grace);
    is_any_left = !kill_all(&ending) || ending.lost->len > 0;
    if (survivors_out)
        *survivors_out = is_any_left ? name_survivors(&ending) : g_new0(char *, 1);
    ending_finish(&ending);
    dag__drains_wait(tasks->drains, DRAIN_MS);
    return n_alive;
}
