/* SPDX-License-Identifier: MIT */
/*
 * The key of a task while it is made (dagrun/memory.h).  Only used by the thread that would run the task.
 */
#pragma once

#include "model/keyed-digest.h"

#include <dagrun/memory.h>

struct DagKey {
    const DagContext *context; /* borrowed; NULL once it is complete */
    const KeyedDigest *empty;  /* borrowed: how each part begins */
    KeyedDigest part;          /* the one that is added */
    KeyedDigest whole;         /* of all parts so far */
    GString *parts;            /* as dag_key_parts() */
    GArray *read;              /* of DagTaskId: their outputs are parts */
    uint8_t digest[DAG_DIGEST_SIZE];
};

/* Begin the digests of a run's keys, which depend on salt[salt_size]. */
void dag__key_begin_digests(KeyedDigest *empty_out, const void *salt, size_t salt_size);

/* Create an empty key; free it with dag__key_free().  `empty` is that of the run, and must outlive it. */
DagKey *dag__key_new(const DagContext *context, const KeyedDigest *empty);

/* Free the key; NULL is fine. */
void dag__key_free(DagKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagKey, dag__key_free)

/* Note that all that the task needs of `task` is a part. */
void dag__key_note_read(DagKey *key, DagTaskId task);

/* Add the content of a file as "input NAME", as dag_key_add_file() does. */
bool dag__key_add_input(DagKey *key, const char *name, const char *path, GError **error);

/* Return the digest of the content of a file as text, to be freed with g_free(); NULL: it cannot be read. */
char *dag__key_sum_file(const DagKey *key, const char *path);

/* Return true if the output of `task` is a part. */
bool dag__key_reads(const DagKey *key, DagTaskId task);

/* Complete the key: compute its digest. */
void dag__key_finish(DagKey *key);
