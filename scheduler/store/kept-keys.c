/* SPDX-License-Identifier: MIT */
#include "store/kept-keys.h"

#include "run/lock.h"

struct KeptKeys {
    GMutex lock;
    GHashTable *by_task; /* of DagTaskId to KeptKey; protected by lock */
};

void
dag__kept_key_free(KeptKey *key)
{
    if (!key)
        return;
    g_free(key->parts);
    g_free(key->files);
    if (key->output)
        g_string_free(key->output, TRUE);
    g_free(key);
}

KeptKeys *
dag__kept_keys_new(void)
{
    KeptKeys *keys = g_new0(KeptKeys, 1);

    g_mutex_init(&keys->lock);
    keys->by_task =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)dag__kept_key_free);
    return keys;
}

void
dag__kept_keys_free(KeptKeys *keys)
{
    if (!keys)
        return;
    g_hash_table_unref(keys->by_task);
    g_mutex_clear(&keys->lock);
    g_free(keys);
}

void
dag__kept_keys_add(KeptKeys *keys, DagTaskId id, KeptKey *key)
{
    dag__lock(&keys->lock);
    g_hash_table_replace(keys->by_task, GUINT_TO_POINTER(id), key);
    dag__unlock(&keys->lock);
}

KeptKey *
dag__kept_keys_take(KeptKeys *keys, DagTaskId id)
{
    gpointer key = NULL;

    if (!keys)
        return NULL;
    dag__lock(&keys->lock);
    g_hash_table_steal_extended(keys->by_task, GUINT_TO_POINTER(id), NULL, &key);
    dag__unlock(&keys->lock);
    return key;
}
