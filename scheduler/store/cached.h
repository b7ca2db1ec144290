/* SPDX-License-Identifier: MIT */
/*
 * Results of tasks with dag_graph_task_cache_ns(), by key, of all runs in the store that have ended them before this run began.
 *
 * The store is opened when the first such task asks.  If it cannot be read, it has no results.
 */
#pragma once

#include "store/texts.h"

#include <dagrun/memory.h>

typedef struct Cached Cached;

/* A result that was found. */
typedef struct CachedResult {
    int64_t source;  /* the run in which the task ran */
    int64_t made_us; /* when, since 1970 */
    char *parts;     /* of the key; owned */
    char *files;     /* a DagKept.files, or NULL; owned */
    GString *output; /* owned; NULL: it was not kept, or is damaged */
} CachedResult;

/* Begin with the results that the store has now. */
Cached *dag__cached_new(const char *directory);
void dag__cached_free(Cached *cached);

/*
 * Find the newest result with this key, of any age.  Any thread.
 * Returns: false if there is none.  Otherwise clear *out with dag__cached_result_clear().
 */
bool dag__cached_find(Cached *cached, const uint8_t *digest, CachedResult *out);

/* Return true if a result is older than so many nanoseconds at the beginning of this run. */
bool dag__cached_is_older(const Cached *cached, const CachedResult *result, int64_t age_ns);

/* Free its texts. */
void dag__cached_result_clear(CachedResult *result);
