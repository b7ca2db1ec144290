/* SPDX-License-Identifier: MIT */
/*
 * The kernel hands an orphan to its nearest ancestor that adopts orphans, where it becomes a child
 * of the first thread.  Programs of tasks are children of the workers that started them.  So if
 * all children of the process are tasks, the children of the first thread are orphans, and an empty
 * list proves that there are none.  That costs one read per task.
 *
 * Being a parent is a property of the process, but each orphan belongs to one run.  With
 * DAG_ORPHANS_OF_RUN, a process belongs to the run if one of these holds:
 *
 *   - it carries the run's mark in its environment;
 *   - it carries no mark, and its process group is that of a task of the run, running or left over;
 *   - its parent belongs to the run, or did when the run ended (dag__orphans_remember()).
 *
 * With DAG_ORPHANS_ALL, every descendant belongs to the run.
 *
 * If the kernel does not let this process adopt orphans, they have another parent.  Then those that
 * carry the run's mark are found in the table of all processes.
 */
#include "orphans.h"

#include "leftovers.h"
#include "process-table.h"
#include "run-mark.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The relation of a process to the run. */
typedef enum Claim {
    CLAIM_NO,
    CLAIM_UNKNOWN, /* no mark, and no known group or parent */
    CLAIM_YES,
} Claim;

void
dag_tasks_adopt_orphans(DagTasks *tasks, DagOrphans claimed)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());

    g_return_if_fail(tasks);
    tasks->claimed = claimed;
    tasks->wants_orphans = true;
    if (tasks->children_fd < 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
        tasks->children_fd = open(path, O_RDONLY | O_CLOEXEC);
}

void
dag__orphans_set_guard(DagTasks *tasks, pid_t pid)
{
    tasks->guard = pid;
    *tasks->guard_text = '\0';
    if (pid)
        g_snprintf(tasks->guard_text, sizeof(tasks->guard_text), "%d ", (int)pid);
}

static bool
is_known(DagTasks *tasks, pid_t pid)
{
    bool is_known;

    pthread_mutex_lock(&tasks->lock);
    is_known = g_hash_table_contains(tasks->known, GINT_TO_POINTER(pid));
    pthread_mutex_unlock(&tasks->lock);
    return is_known;
}

void
dag__orphans_remember(DagTasks *tasks, const GArray *processes)
{
    pthread_mutex_lock(&tasks->lock);
    for (guint i = 0; i < processes->len; i++)
        g_hash_table_add(tasks->known,
                         GINT_TO_POINTER(g_array_index(processes, ProcessEntry, i).pid));
    pthread_mutex_unlock(&tasks->lock);
}

/* Return the relation of `pid`, a living descendant in process group `group`, to the run. */
static Claim
claim(DagTasks *tasks, pid_t pid, pid_t group)
{
    if (tasks->claimed == DAG_ORPHANS_ALL || is_known(tasks, pid))
        return CLAIM_YES;
    switch (dag__mark_find(pid, tasks->mark)) {
    case MARK_OWN:
        return CLAIM_YES;
    case MARK_OTHER:
        return CLAIM_NO;
    case MARK_NONE:
        break;
    }
    return dag__groups_contain(tasks->groups, group) || dag__leftovers_contain(tasks, group)
               ? CLAIM_YES
               : CLAIM_UNKNOWN;
}

/* Read the pids in `text`, reap those that have ended, and append those of the run to `pids`.
 * Returns: false if certainly none belongs to the run. */
static bool
list_living(DagTasks *tasks, const char *text, GArray *pids)
{
    bool are_possible = false;
    char *next;

    for (const char *at = text; *at; at = next) {
        pid_t pid = (pid_t)strtol(at, &next, 10);
        Claim relation;

        if (next == at)
            break;
        if (pid == tasks->guard || waitpid(pid, NULL, WNOHANG) != 0 ||
            dag__process_is_guard(pid)) /* of a run in a task; it ends by itself */
            continue;
        relation = claim(tasks, pid, getpgid(pid));
        are_possible = are_possible || relation != CLAIM_NO;
        if (relation == CLAIM_YES)
            g_array_append_val(pids, pid);
    }
    return are_possible;
}

/* List the adopted orphans of the run in `pids`, also for the guard.  Returns: as list_living(). */
static bool
read_adopted(DagTasks *tasks, GArray *pids)
{
    char text[4096]; /* orphans that do not fit are seen when the others are gone */
    ssize_t n =
        tasks->children_fd < 0 ? 0 : pread(tasks->children_fd, text, sizeof(text) - 1, 0);
    bool are_possible;

    if (n <= 0)
        return false;
    text[n] = '\0';
    /* The last number may be cut. */
    if ((size_t)n == sizeof(text) - 1)
        *(strrchr(text, ' ') + 1) = '\0';
    are_possible = list_living(tasks, text, pids);
    pthread_mutex_lock(&tasks->lock);
    dag__groups_set_adopted(tasks->groups, (const pid_t *)(void *)pids->data, pids->len);
    pthread_mutex_unlock(&tasks->lock);
    return are_possible;
}

/* Return whether orphans can only be found by their mark. */
static bool
searches_marks(const DagTasks *tasks)
{
    return tasks->wants_orphans && tasks->children_fd < 0;
}

/* List all processes of the run. */
static void
list_all(DagTasks *tasks, GArray *pids)
{
    g_autoptr(GArray) processes = dag__run_processes(tasks);

    for (guint i = 0; i < processes->len; i++)
        g_array_append_val(pids, g_array_index(processes, ProcessEntry, i).pid);
}

GArray *
dag__orphans_list(DagTasks *tasks)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));

    if (searches_marks(tasks))
        list_all(tasks, pids);
    else
        read_adopted(tasks, pids);
    return pids;
}

bool
dag__orphans_are_possible(DagTasks *tasks)
{
    char text[sizeof(tasks->guard_text)];
    ssize_t n;

    if (tasks->children_fd < 0)
        return true;
    n = pread(tasks->children_fd, text, sizeof(text), 0);
    if (n == 0 || (n == (ssize_t)strlen(tasks->guard_text) &&
                   memcmp(text, tasks->guard_text, n) == 0))
        return false;

    g_autoptr(GArray) pids = g_array_new(FALSE, FALSE, sizeof(pid_t));

    return read_adopted(tasks, pids);
}

/* Keep the entries that are ours, alive and not the guard. */
static void
keep_ours(const DagTasks *tasks, GArray *table)
{
    guint n = 0;

    for (guint i = 0; i < table->len; i++) {
        ProcessEntry entry = g_array_index(table, ProcessEntry, i);

        if (entry.is_ours && entry.pid != tasks->guard &&
            dag__process_entry_is_alive(&entry))
            g_array_index(table, ProcessEntry, n++) = entry;
    }
    g_array_set_size(table, n);
}

/* Narrow the descendants of this process down to those of the run. */
static void
keep_claimed(DagTasks *tasks, GArray *table)
{
    for (guint i = 0; i < table->len; i++) {
        ProcessEntry *entry = &g_array_index(table, ProcessEntry, i);

        entry->is_ours = claim(tasks, entry->pid, entry->group) == CLAIM_YES;
    }
    dag__process_table_spread(table, 0);
    keep_ours(tasks, table);
}

static void
find_mark(ProcessEntry *entry, void *data)
{
    const DagTasks *tasks = data;

    entry->is_ours = dag__mark_find(entry->pid, tasks->mark) == MARK_OWN;
}

GArray *
dag__run_processes(DagTasks *tasks)
{
    GArray *table = searches_marks(tasks) ? dag__process_table_read_each(find_mark, tasks)
                                          : dag__process_table_read();

    dag__process_table_spread(table, getpid());
    keep_ours(tasks, table);
    if (tasks->claimed != DAG_ORPHANS_ALL)
        keep_claimed(tasks, table);
    return table;
}
