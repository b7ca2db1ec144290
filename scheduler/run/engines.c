/* SPDX-License-Identifier: MIT */
/*
 * A list with one entry per engine.  A run has few engines, so a look-up is a linear search.
 * The lock is held while an engine opens: other tasks of the same run that need an engine wait.  Opening
 * takes as long as loading a library, 10 ms for libcurl; it must not wait for anything (DagEngine.open).
 */
#include "run/engines.h"

#include "run/lock.h"

typedef struct Entry {
    const DagEngine *engine;
    void *state;
    GError *error; /* owned; why it could not be opened, or NULL */
    bool is_own;   /* opened by the run, so the run closes it */
} Entry;

struct Engines {
    GMutex lock;
    GArray *entries; /* of Entry; protected by lock */
};

Engines *
dag__engines_new(const DagOpenEngine *open, size_t n_open)
{
    Engines *engines = g_new(Engines, 1);

    g_mutex_init(&engines->lock);
    engines->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
    for (size_t i = 0; i < n_open; i++) {
        Entry entry = {.engine = open[i].engine, .state = open[i].state};

        g_array_append_val(engines->entries, entry);
    }
    return engines;
}

void
dag__engines_free(Engines *engines)
{
    if (!engines)
        return;
    for (guint i = 0; i < engines->entries->len; i++) {
        Entry *entry = &g_array_index(engines->entries, Entry, i);

        if (entry->is_own && entry->state)
            entry->engine->close(entry->state);
        g_clear_error(&entry->error);
    }
    g_array_unref(engines->entries);
    g_mutex_clear(&engines->lock);
    g_free(engines);
}

/* Return the entry of `engine`, or NULL. */
static Entry *
find(const Engines *engines, const DagEngine *engine)
{
    for (guint i = 0; i < engines->entries->len; i++) {
        Entry *entry = &g_array_index(engines->entries, Entry, i);

        if (entry->engine == engine)
            return entry;
    }
    return NULL;
}

/* Open `engine` and add its entry. */
static Entry *
open_engine(Engines *engines, const DagEngine *engine)
{
    Entry entry = {.engine = engine, .is_own = true};

    entry.state = engine->open(&entry.error);
    g_array_append_val(engines->entries, entry);
    return &g_array_index(engines->entries, Entry, engines->entries->len - 1);
}

void *
dag__engines_get(Engines *engines, const DagEngine *engine, GError **error)
{
    Entry *entry;
    void *state;

    dag__lock(&engines->lock);
    entry = find(engines, engine);
    if (!entry)
        entry = open_engine(engines, engine);
    state = entry->state;
    if (!state && error)
        *error = g_error_copy(entry->error);
    dag__unlock(&engines->lock);
    return state;
}
