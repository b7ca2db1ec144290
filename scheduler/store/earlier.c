/* SPDX-License-Identifier: MIT */
#include "store/earlier.h"

#include "run/lock.h"
#include "store/texts.h"

#include <string.h>

struct Earlier {
    int64_t run;
    GHashTable *by_name; /* of char * to EarlierTask, both owned */
    GHashTable *by_key;  /* of EarlierTask.digest to EarlierTask; borrowed */
    GMutex lock;         /* of all below */
    Database *database;
    Texts texts;
    sqlite3_stmt *find_output;
};

static guint
hash_digest(gconstpointer digest)
{
    guint hash;

    memcpy(&hash, digest, sizeof(hash)); /* it is random already */
    return hash;
}

static gboolean
are_same(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, DAG_DIGEST_SIZE) == 0;
}

static void
task_free(gpointer data)
{
    EarlierTask *task = data;

    g_free(task->parts);
    g_free(task->files);
    g_free(task);
}

static EarlierTask *
read_task(sqlite3_stmt *row, int64_t run)
{
    EarlierTask *task = g_new0(EarlierTask, 1);
    const void *digest = sqlite3_column_blob(row, 3);

    task->run = run;
    task->number = (uint32_t)sqlite3_column_int64(row, 0);
    task->outcome = (DagOutcome)sqlite3_column_int(row, 2);
    task->has_key = digest && sqlite3_column_bytes(row, 3) == DAG_DIGEST_SIZE;
    if (task->has_key)
        memcpy(task->digest, digest, DAG_DIGEST_SIZE);
    task->parts = g_strdup((const char *)sqlite3_column_text(row, 4));
    task->source = sqlite3_column_type(row, 5) != SQLITE_NULL
                       ? sqlite3_column_int64(row, 5)
                       : (sqlite3_column_int(row, 6) > 0 ? run : 0);
    task->made_us = sqlite3_column_int64(row, 7);
    task->files = g_strdup((const char *)sqlite3_column_text(row, 8));
    return task;
}

/* Add the tasks of a run that have no newer record.  Returns: false with DAG_ERROR_IO. */
static bool
read_tasks(Earlier *earlier, int64_t run, GError **error)
{
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        earlier->database,
        "SELECT number, name, outcome, key, parts, source, attempts, made_us, files"
        " FROM task WHERE run = ?",
        error);
    GError *problem = NULL;

    if (!rows)
        return false;
    sqlite3_bind_int64(rows, 1, run);
    while (dag__database_next(earlier->database, rows, &problem)) {
        const char *name = (const char *)sqlite3_column_text(rows, 1);
        EarlierTask *task;

        if (!name || g_hash_table_contains(earlier->by_name, name))
            continue;
        task = read_task(rows, run);
        /* A task that did nothing leaves its older result as it was. */
        if (task->source == 0) {
            task_free(task);
            continue;
        }
        g_hash_table_insert(earlier->by_name, g_strdup(name), task);
        if (task->has_key && dag_outcome_is_success(task->outcome) &&
            !g_hash_table_contains(earlier->by_key, task->digest))
            g_hash_table_insert(earlier->by_key, task->digest, task);
    }
    if (problem)
        g_propagate_error(error, problem);
    return !problem;
}

/* Return the value that a statement with a number or a text returns; 0: none, or with an error. */
static int64_t
ask(const Database *database, const char *sql, int64_t number, const char *text,
    GError **error)
{
    g_autoptr(sqlite3_stmt) row = dag__database_prepare(database, sql, error);

    if (!row)
        return 0;
    sqlite3_bind_int64(row, 1, number);
    sqlite3_bind_text(row, 2, text, -1, SQLITE_STATIC);
    return dag__database_next(database, row, error) ? sqlite3_column_int64(row, 0) : 0;
}

/* Read the run and those that it resumed.  Returns: false if there is none, or with DAG_ERROR_IO. */
static bool
read_chain(Earlier *earlier, const char *graph_path, int64_t from, GError **error)
{
    GError *problem = NULL;
    int64_t run =
        ask(earlier->database,
            from == 0 ? "SELECT max(run.id) FROM run JOIN graph ON graph.id = run.graph"
                        " WHERE ?1 = 0 AND path = ?2"
                      : "SELECT run.id FROM run JOIN graph ON graph.id = run.graph"
                        " WHERE run.id = ?1 AND path = ?2",
            from, graph_path, &problem);

    earlier->run = run;
    while (run > 0 && !problem && read_tasks(earlier, run, &problem)) {
        int64_t before =
            ask(earlier->database,
                "SELECT resumed FROM run WHERE id = ?1 AND resumed < id AND ?2 IS NULL",
                run, NULL, &problem);

        run = before;
    }
    if (problem)
        g_propagate_error(error, problem);
    return !problem && earlier->run > 0;
}

Earlier *
dag__earlier_new(const char *directory, const char *graph_path, int64_t from,
                 GError **error)
{
    Earlier *earlier;

    if (!dag__database_exists(directory))
        return NULL;
    earlier = g_new0(Earlier, 1);
    g_mutex_init(&earlier->lock);
    earlier->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, task_free);
    earlier->by_key = g_hash_table_new(hash_digest, are_same);
    earlier->database = dag__database_open(directory, DATABASE_READ, error);
    dag__texts_init(&earlier->texts, earlier->database);
    if (earlier->database &&
        (earlier->find_output = dag__database_prepare(
             earlier->database, "SELECT output FROM task WHERE run = ? AND number = ?",
             error)) &&
        read_chain(earlier, graph_path, from, error))
        return earlier;
    dag__earlier_free(earlier);
    return NULL;
}

void
dag__earlier_free(Earlier *earlier)
{
    if (!earlier)
        return;
    g_hash_table_unref(earlier->by_key);
    g_hash_table_unref(earlier->by_name);
    g_clear_pointer(&earlier->find_output, sqlite3_finalize);
    dag__texts_clear(&earlier->texts);
    dag__database_close(earlier->database);
    g_mutex_clear(&earlier->lock);
    g_free(earlier);
}

int64_t
dag__earlier_run(const Earlier *earlier)
{
    return earlier->run;
}

const EarlierTask *
dag__earlier_by_key(const Earlier *earlier, const uint8_t *digest)
{
    return g_hash_table_lookup(earlier->by_key, digest);
}

const EarlierTask *
dag__earlier_by_name(const Earlier *earlier, const char *name)
{
    return g_hash_table_lookup(earlier->by_name, name);
}

GString *
dag__earlier_output(Earlier *earlier, const EarlierTask *task)
{
    GString *output = NULL;

    dag__lock(&earlier->lock);
    sqlite3_bind_int64(earlier->find_output, 1, task->run);
    sqlite3_bind_int64(earlier->find_output, 2, task->number);
    if (sqlite3_step(earlier->find_output) == SQLITE_ROW)
        output = dag__texts_read(&earlier->texts, earlier->find_output, 0);
    sqlite3_reset(earlier->find_output);
    dag__unlock(&earlier->lock);
    return output;
}
