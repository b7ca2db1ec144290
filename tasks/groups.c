/* SPDX-License-Identifier: MIT */
/*
 * One entry per channel, and one or two stores per program: no system call and no lock.  The guard,
 * a child, reads the table after this process has been killed, so each entry is valid by itself,
 * whenever the writing stops.
 */
#include "groups.h"

#include <dagrun/duration.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

/* Values of an entry that are no process group. */
#define FREE     0
#define TAKEN    (-1) /* has an owner, which runs no program */
#define STARTING (-2) /* its owner is about to start a program */

#define MAX_ADOPTED 1024

/* A program, or a guard, that takes longer to start is not waited for. */
#define START_MS 200

struct GroupTable {
    atomic_int entries[UINT16_MAX];          /* as many as there can be workers */
    atomic_uint_least32_t tasks[UINT16_MAX]; /* of the entries with a group */
    atomic_int n_entries;                    /* those behind were never taken */
    atomic_int adopted[MAX_ADOPTED];         /* up to the first 0 */
    atomic_int_least64_t last_end_ns;        /* of a program; 0: none has ended */
    atomic_bool is_closed;
    atomic_bool awaits_guard;
};

GroupTable *
dag__groups_new(void)
{
    /* Pages that are never touched cost nothing.  All zero is an empty table. */
    void *table = mmap(NULL, sizeof(GroupTable), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return table == MAP_FAILED ? NULL : table;
}

void
dag__groups_free(GroupTable *table)
{
    if (table)
        munmap(table, sizeof(GroupTable));
}

int
dag__groups_enter(GroupTable *table)
{
    for (int i = 0; i < UINT16_MAX; i++) {
        int expected = FREE, before = atomic_load(&table->n_entries);

        if (!atomic_compare_exchange_strong(&table->entries[i], &expected, TAKEN))
            continue;
        while (before <= i &&
               !atomic_compare_exchange_weak(&table->n_entries, &before, i + 1))
            ;
        return i;
    }
    return -1;
}

void
dag__groups_leave(GroupTable *table, int entry)
{
    if (entry >= 0)
        atomic_store(&table->entries[entry], FREE);
}

void
dag__groups_await_guard(GroupTable *table, bool is_awaited)
{
    atomic_store(&table->awaits_guard, is_awaited);
}

static void
wait_for_guard(GroupTable *table)
{
    for (int waited_ms = 0; atomic_load(&table->awaits_guard) && waited_ms < START_MS;
         waited_ms++)
        poll(NULL, 0, 1);
    atomic_store(&table->awaits_guard, false); /* it has died: do not wait again */
}

void
dag__groups_prepare(GroupTable *table, int entry, DagTaskId task)
{
    if (atomic_load(&table->awaits_guard))
        wait_for_guard(table);
    if (entry < 0)
        return;
    atomic_store(&table->tasks[entry], task);
    /* Store STARTING before loading is_closed: then either this thread sees that the table is
     * closed, or the thread that closes it sees this entry. */
    atomic_store(&table->entries[entry], STARTING);
    while (atomic_load(&table->is_closed)) {
        atomic_store(&table->entries[entry], TAKEN);
        poll(NULL, 0, 5);
        atomic_store(&table->entries[entry], STARTING);
    }
}

void
dag__groups_set(GroupTable *table, int entry, pid_t group)
{
    if (entry < 0)
        return;
    if (group == 0 && atomic_load(&table->entries[entry]) > 0)
        atomic_store(&table->last_end_ns, dag_clock_ns());
    atomic_store(&table->entries[entry], group ? group : TAKEN);
}

int64_t
dag__groups_last_end_ns(GroupTable *table)
{
    return atomic_load(&table->last_end_ns);
}

bool
dag__groups_any(GroupTable *table)
{
    int n = atomic_load(&table->n_entries);

    for (int i = 0; i < n; i++)
        if (atomic_load(&table->entries[i]) > 0)
            return true;
    return false;
}

static bool
contains(GroupTable *table, int value)
{
    int n = atomic_load(&table->n_entries);

    for (int i = 0; i < n; i++)
        if (atomic_load(&table->entries[i]) == value)
            return true;
    return false;
}

bool
dag__groups_contain(GroupTable *table, pid_t group)
{
    return group > 0 && contains(table, group);
}

DagTaskId
dag__groups_task(GroupTable *table, pid_t group)
{
    int n = atomic_load(&table->n_entries);

    for (int i = 0; i < n && group > 0; i++)
        if (atomic_load(&table->entries[i]) == group)
            return atomic_load(&table->tasks[i]);
    return DAG_TASK_NONE;
}

void
dag__groups_each(GroupTable *table, void (*act)(pid_t group, void *data), void *data)
{
    int n = atomic_load(&table->n_entries);

    for (int i = 0; i < n; i++) {
        pid_t group = atomic_load(&table->entries[i]);

        if (group > 0)
            act(group, data);
    }
}

void
dag__groups_close(GroupTable *table)
{
    atomic_store(&table->is_closed, true);
    for (int waited_ms = 0; contains(table, STARTING) && waited_ms < START_MS; waited_ms++)
        poll(NULL, 0, 1);
}

bool
dag__groups_are_closed(GroupTable *table)
{
    return atomic_load(&table->is_closed);
}

void
dag__groups_open(GroupTable *table)
{
    atomic_store(&table->is_closed, false);
}

void
dag__groups_set_adopted(GroupTable *table, const pid_t *pids, size_t n)
{
    for (size_t i = 0; i < MAX_ADOPTED; i++) {
        pid_t pid = i < n ? pids[i] : 0;

        if (pid == 0 && atomic_load(&table->adopted[i]) == 0)
            break;
        atomic_store(&table->adopted[i], pid);
    }
}

void
dag__groups_adopted(GroupTable *table, void (*act)(pid_t pid, void *data), void *data)
{
    for (size_t i = 0; i < MAX_ADOPTED; i++) {
        pid_t pid = atomic_load(&table->adopted[i]);

        if (pid <= 0)
            break;
        act(pid, data);
    }
}
