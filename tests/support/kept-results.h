/* SPDX-License-Identifier: MIT */
/*
 * A memory of results that lasts as long as a test.
 */
#pragma once

#include <dagrun/memory.h>

/* Thread-safe. */
typedef struct KeptResults {
    GMutex lock;
    GHashTable *by_key;  /* of GBytes: the output, or NULL if it was not stored */
    GHashTable *by_task; /* the last parts of the key of a task, by its name */
    unsigned n_kept;     /* calls of keep() */
    DagMemory memory;    /* to be passed to dag_execute() */
} KeptResults;

KeptResults *kept_results_new(void);
void kept_results_free(KeptResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeptResults, kept_results_free)
