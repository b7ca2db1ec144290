/* SPDX-License-Identifier: MIT */
/*
 * The use of one capacity over time: workers, connections, or a pool.
 */
#pragma once

#include <dagrun/types.h>

/* A change of the use: the start or the end of an attempt. */
typedef struct Change {
    int64_t ns;
    DagTaskId task;
    int32_t units; /* above 0: a start */
} Change;

typedef struct Usage {
    GArray *changes;  /* of Change; sorted by usage_finish() */
    int64_t capacity; /* units */
    size_t size;      /* a power of two, at least the number of changes */
    int64_t *tree;    /* [2 * size]: the largest use after a change, below each node */
} Usage;

Usage dag__usage_new(int64_t capacity);
void dag__usage_clear(Usage *usage);

/* Add an attempt. */
void dag__usage_add(Usage *usage, DagTaskId task, int64_t start_ns, int64_t end_ns,
                    uint32_t units);

/* Sort the changes.  Then only dag__usage_last_lack(). */
void dag__usage_finish(Usage *usage);

/*
 * Find the last moment after `after_ns` and before the start of the task at `start_ns` until which
 * fewer than `units` were free.  O(log(changes)).
 * Returns: the task that ended then, and the time in *ns_out; DAG_TASK_NONE: there was none.
 */
DagTaskId dag__usage_last_lack(const Usage *usage, int64_t after_ns, int64_t start_ns,
                               uint32_t units, int64_t *ns_out);
