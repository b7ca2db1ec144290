/* SPDX-License-Identifier: MIT */
/*
 * The key of a task while it is made (dagrun/memory.h).  Only used by the thread that would run the task.
 */
#pragma once

#include <dagrun/memory.h>

struct DagKey {
    const DagContext *context; /* borrowed; NULL once it is complete */
    const void *salt;          /* [salt_size]; borrowed */
    size_t salt_size;
    GChecksum *part;  /* scratch */
    GChecksum *whole; /* of all parts so far; NULL once it is complete */
    GString *parts;   /* as dag_key_parts() */
    GArray *read;     /* of DagTaskId: their outputs are parts */
    uint8_t digest[DAG_DIGEST_SIZE];
};

/* Create an empty key; free it with dag__key_free().  The salt must outlive it. */
DagKey *dag__key_new(const DagContext *context, const void *salt, size_t salt_size);

/* Free the key; NULL is fine. */
void dag__key_free(DagKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagKey, dag__key_free)

/* Return true if the output of `task` is a part. */
bool dag__key_reads(const DagKey *key, DagTaskId task);

/* Complete the key: compute its digest. */
void dag__key_finish(DagKey *key);
