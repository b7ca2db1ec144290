/* SPDX-License-Identifier: MIT */
/*
 * One place per worker, and a store or two per program: no system call and no lock.  The table
 * may be shared with a child, the guard, which reads it after this process has been killed; so
 * each entry is good by itself, whenever the writing ends.
 */
#include "groups.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/* What a place holds if it is no group. */
#define FREE     0
#define TAKEN    (-1) /* by a worker that runs no program */
#define STARTING (-2) /* by one that is about to */

#define MAX_ADOPTED 1024

/* How long a program may take to start until it is not waited for any more. */
#define START_MS 200

typedef struct Table {
    atomic_int places[UINT16_MAX];   /* as many as there can be workers */
    atomic_int n_places;             /* those behind were never taken */
    atomic_int adopted[MAX_ADOPTED]; /* up to the first 0 */
} Table;

/* Pages that are never touched cost nothing. */
static Table private_table;
static Table *table = &private_table; /* set before there are workers */
static atomic_bool is_closed;
static pthread_mutex_t adopted_lock = PTHREAD_MUTEX_INITIALIZER; /* of writers */

bool
dag__groups_share(void)
{
    void *shared;

    if (table != &private_table)
        return true;
    shared = mmap(NULL, sizeof(Table), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED)
        return false;
    table = shared;
    return true;
}

int
dag__groups_enter(void)
{
    for (int i = 0; i < UINT16_MAX; i++) {
        int expected = FREE, before = atomic_load(&table->n_places);

        if (!atomic_compare_exchange_strong(&table->places[i], &expected, TAKEN))
            continue;
        while (before <= i &&
               !atomic_compare_exchange_weak(&table->n_places, &before, i + 1))
            ;
        return i;
    }
    return -1;
}

void
dag__groups_leave(int place)
{
    if (place >= 0)
        atomic_store(&table->places[place], FREE);
}

void
dag__groups_prepare(int place)
{
    if (place < 0)
        return;
    /* First told, then asked: either we see that it is closed, or who closes sees us. */
    atomic_store(&table->places[place], STARTING);
    while (atomic_load(&is_closed)) {
        atomic_store(&table->places[place], TAKEN);
        poll(NULL, 0, 5);
        atomic_store(&table->places[place], STARTING);
    }
}

void
dag__groups_set(int place, pid_t group)
{
    if (place >= 0)
        atomic_store(&table->places[place], group ? group : TAKEN);
}

bool
dag__groups_any(void)
{
    int n = atomic_load(&table->n_places);

    for (int i = 0; i < n; i++)
        if (atomic_load(&table->places[i]) > 0)
            return true;
    return false;
}

void
dag__groups_each(void (*act)(pid_t group, void *data), void *data)
{
    int n = atomic_load(&table->n_places);

    for (int i = 0; i < n; i++) {
        pid_t group = atomic_load(&table->places[i]);

        if (group > 0)
            act(group, data);
    }
}

static bool
is_any_starting(void)
{
    int n = atomic_load(&table->n_places);

    for (int i = 0; i < n; i++)
        if (atomic_load(&table->places[i]) == STARTING)
            return true;
    return false;
}

void
dag__groups_close(void)
{
    atomic_store(&is_closed, true);
    for (int waited_ms = 0; is_any_starting() && waited_ms < START_MS; waited_ms++)
        poll(NULL, 0, 1);
}

void
dag__groups_open(void)
{
    atomic_store(&is_closed, false);
}

void
dag__groups_set_adopted(const pid_t *pids, size_t n)
{
    pthread_mutex_lock(&adopted_lock);
    for (size_t i = 0; i < MAX_ADOPTED; i++) {
        pid_t pid = i < n ? pids[i] : 0;

        if (pid == 0 && atomic_load(&table->adopted[i]) == 0)
            break;
        atomic_store(&table->adopted[i], pid);
    }
    pthread_mutex_unlock(&adopted_lock);
}

void
dag__groups_adopted(void (*act)(pid_t pid, void *data), void *data)
{
    for (size_t i = 0; i < MAX_ADOPTED; i++) {
        pid_t pid = atomic_load(&table->adopted[i]);

        if (pid <= 0)
            break;
        act(pid, data);
    }
}
