/* SPDX-License-Identifier: MIT */
#include "store/cached.h"

#include "run/lock.h"

struct Cached {
    char *directory;  /* owned */
    int64_t began_us; /* since 1970; read-only, as the next */
    bool exists;      /* the store, when this began */
    GMutex lock;      /* of all below */
    bool is_open;     /* or could not be opened */
    Database *database;
    Texts texts;
    sqlite3_stmt *find;
};

Cached *
dag__cached_new(const char *directory)
{
    Cached *cached = g_new0(Cached, 1);

    g_mutex_init(&cached->lock);
    cached->directory = g_strdup(directory);
    cached->began_us = g_get_real_time();
    cached->exists = dag__database_exists(directory);
    return cached;
}

void
dag__cached_free(Cached *cached)
{
    if (!cached)
        return;
    sqlite3_finalize(cached->find);
    dag__texts_clear(&cached->texts);
    dag__database_close(cached->database);
    g_mutex_clear(&cached->lock);
    g_free(cached->directory);
    g_free(cached);
}

/* Open the store.  The writer of the run tells about a store that cannot be used. */
static void
open_locked(Cached *cached)
{
    cached->is_open = true;
    cached->database = dag__database_open(cached->directory, DATABASE_READ, NULL);
    if (!cached->database)
        return;
    dag__texts_init(&cached->texts, cached->database);
    cached->find = dag__database_prepare(
        cached->database,
        "SELECT coalesce(source, run), made_us, parts, output, files FROM task WHERE key = "
        "?"
        " AND made_us < ? AND outcome IN (?, ?) ORDER BY made_us DESC LIMIT 1",
        NULL);
}

/* Step to the newest result. */
static bool
find_locked(Cached *cached, const uint8_t *digest)
{
    if (!cached->is_open)
        open_locked(cached);
    if (!cached->find)
        return false;
    sqlite3_bind_blob(cached->find, 1, digest, DAG_DIGEST_SIZE, SQLITE_STATIC);
    sqlite3_bind_int64(cached->find, 2, cached->began_us);
    sqlite3_bind_int(cached->find, 3, DAG_SUCCEEDED);
    sqlite3_bind_int(cached->find, 4, DAG_REUSED);
    return sqlite3_step(cached->find) == SQLITE_ROW;
}

bool
dag__cached_find(Cached *cached, const uint8_t *digest, CachedResult *out)
{
    bool is_found;

    if (!cached->exists)
        return false;
    dag__lock(&cached->lock);
    is_found = find_locked(cached, digest);
    if (is_found)
        *out = (CachedResult){
            .source = sqlite3_column_int64(cached->find, 0),
            .made_us = sqlite3_column_int64(cached->find, 1),
            .parts = g_strdup((const char *)sqlite3_column_text(cached->find, 2)),
            .output = dag__texts_read(&cached->texts, cached->find, 3),
            .files = g_strdup((const char *)sqlite3_column_text(cached->find, 4))};
    if (cached->find)
        sqlite3_reset(cached->find);
    dag__unlock(&cached->lock);
    return is_found;
}

bool
dag__cached_is_older(const Cached *cached, const CachedResult *result, int64_t age_ns)
{
    return (cached->began_us - result->made_us) > age_ns / 1000;
}

void
dag__cached_result_clear(CachedResult *result)
{
    g_clear_pointer(&result->parts, g_free);
    g_clear_pointer(&result->files, g_free);
    if (result->output)
        g_string_free(result->output, TRUE);
    result->output = NULL;
}
