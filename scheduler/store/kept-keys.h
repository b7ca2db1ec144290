/* SPDX-License-Identifier: MIT */
/*
 * Keys and outputs of tasks, from the end of a task on its thread until the writer stores the end.  Thread-safe.
 */
#pragma once

#include <dagrun/memory.h>

typedef struct KeptKey {
    uint8_t digest[DAG_DIGEST_SIZE];
    char *parts;     /* dag_key_parts(); owned */
    char *files;     /* a DagKept.files, or NULL; owned */
    GString *output; /* owned; NULL: not known, or not to be stored */
    int64_t source;  /* the run in which the task ran; 0: this one */
    /* When another run made the result, since 1970; 0: not known, or this run. */
    int64_t made_us;
} KeptKey;

typedef struct KeptKeys KeptKeys;

/* Create an empty table. */
KeptKeys *dag__kept_keys_new(void);
void dag__kept_keys_free(KeptKeys *keys);

/* Add the key of a task.  Takes `key`. */
void dag__kept_keys_add(KeptKeys *keys, DagTaskId id, KeptKey *key);

/* Return the key of a task and remove it; NULL: there is none.  `keys` may be NULL.  Free it with
 * dag__kept_key_free(). */
KeptKey *dag__kept_keys_take(KeptKeys *keys, DagTaskId id);

/* Free it.  NULL is fine. */
void dag__kept_key_free(KeptKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeptKey, dag__kept_key_free)
