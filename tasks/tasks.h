/* SPDX-License-Identifier: MIT */
/*
 * The state of one run's processes.  Each group of fields is used by one file, named above it.
 */
#pragma once

#include "groups.h"

#include <dagrun/run-files.h>
#include <dagrun/tasks.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

/* The kinds name it; dag_tasks_engine() returns it. */
extern const DagEngine dag__tasks_engine;

typedef struct Foreground Foreground;

struct DagTasks {
    /* Read-only.  tasks.c */
    const DagPlace *place;
    void *place_data;            /* of the local place: this DagTasks */
    struct rlimit64 descriptors; /* of programs, if has_descriptors */
    bool has_descriptors;
    char *mark; /* "DAGRUN_RUN=VALUE"; run-mark.h */

    /* Masked in the commands of processes; NULL: none.  Set once, by the first task of a graph
     * that has secrets; holds a reference. */
    _Atomic(DagMask *) secrets;

    DagRunFiles *files; /* outputs that scripts read by name; thread-safe itself */

    GroupTable *groups; /* in memory shared with the guard */
    pthread_mutex_t lock;

    Foreground *foreground; /* foreground.c; NULL: the caller lends none */

    /* local.c.  /dev/null is what it should be: it was looked at by the first task that needs it. */
    atomic_bool has_null;

    /* channels.c */
    GPtrArray *idle_channels; /* of Channel; protected by lock */
    bool has_resets;          /* protected by lock */
    /* Of dag__spawn_resets(); set with the first channel, then read-only. */
    sigset_t resets;

    /* orphans.c.  Set before the run, then read-only. */
    DagOrphans claimed;
    bool wants_orphans; /* dag_tasks_adopt_orphans() was called */
    int children_fd; /* the kernel's list of the first thread's children; -1: not adopting */
    pid_t guard;     /* a child that is no orphan, or 0 */
    char guard_text[16]; /* the guard's entry in the kernel's list */
    GHashTable *known; /* of pid_t: claimed by dag__orphans_remember(); protected by lock */

    /* leftovers.c */
    GArray *left; /* of pid_t: groups that outlived their task; protected by lock */
    GArray *lost; /* of pid_t: groups that SIGKILL does not end; protected by lock */

    /* drains.c */
    struct Drains *drains;

    /* guard.c.  Only used from the thread that started the guard. */
    int guard_fd; /* the writing end of its pipe; the kernel closes it when this process ends */
};

/* Let messages about processes mask the secrets of the graph.  Any thread. */
void dag__tasks_note_secrets(DagTasks *tasks, const DagGraph *graph);
