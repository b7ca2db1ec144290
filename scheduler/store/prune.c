/* SPDX-License-Identifier: MIT */
/*
 * Each run is removed in a transaction of its own, so that other processes wait for a few milliseconds at most.  A file
 * is removed within the transaction: no other process can store the same text meanwhile.
 */
#include "store/prune.h"

#include "store/past-process.h"

#include <dagrun/store.h>

/* A graph may have so many runs more than the limit before some are removed: to prepare that takes longer than to
 * store a small run. */
#define SPARE_RUNS 10

/* More than those that have come, so that a store gets smaller if its limits did. */
#define PRUNED_AT_ONCE 20

/* The digests of all texts of a run, once for each use. */
#define USES                                                                               \
    "(SELECT output AS digest FROM task WHERE run = ?1 AND typeof(output) = 'blob'"        \
    " UNION ALL SELECT transcript FROM task WHERE run = ?1 AND typeof(transcript) ="       \
    " 'blob' UNION ALL SELECT transcript FROM attempt WHERE run = ?1 AND"                  \
    " typeof(transcript) = 'blob')"

/* Execute a statement with the run as its parameter. */
static bool
change(const Database *database, const char *sql, int64_t run, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = dag__database_prepare(database, sql, error);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, run);
    return dag__database_step(database, statement, error);
}

/* Remove the texts that only this run has used. */
static bool
remove_texts(Texts *texts, int64_t run, GError **error)
{
    const Database *database = texts->database;
    GError *problem = NULL;
    g_autoptr(sqlite3_stmt) removed = NULL;

    if (!change(database,
                "UPDATE text SET uses = uses - n FROM (SELECT digest AS used, count(*) AS n"
                " FROM " USES " GROUP BY digest) WHERE digest = used",
                run, error))
        return false;
    /* Not "bytes IS NULL", which SQLite 3.40 finds false here, perhaps because an index is on that condition. */
    removed = dag__database_prepare(
        database,
        "DELETE FROM text WHERE uses <= 0 AND digest IN (SELECT digest FROM " USES
        ") RETURNING digest, typeof(bytes) = 'null'",
        error);
    if (!removed)
        return false;
    sqlite3_bind_int64(removed, 1, run);
    while (dag__database_next(database, removed, &problem))
        if (sqlite3_column_int(removed, 1) &&
            sqlite3_column_bytes(removed, 0) == TEXT_DIGEST)
            dag__texts_remove_file(texts, sqlite3_column_blob(removed, 0));
    if (problem)
        g_propagate_error(error, problem);
    return !problem;
}

static bool
remove_run(Texts *texts, int64_t run, GError **error)
{
    const Database *database = texts->database;

    if (!dag__database_run(database, "BEGIN IMMEDIATE", error))
        return false;
    if (remove_texts(texts, run, error) &&
        change(database, "DELETE FROM attempt WHERE run = ?", run, error) &&
        change(database, "DELETE FROM task WHERE run = ?", run, error) &&
        change(database, "DELETE FROM run WHERE id = ?", run, error) &&
        dag__database_run(database,
                          "DELETE FROM graph WHERE id NOT IN (SELECT graph FROM run);"
                          "COMMIT",
                          error))
        return true;
    sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* Return the runs in a statement's rows (id, process, start of the process, is ended) that may go: of int64_t. */
static GArray *
list_runs(const Database *database, const char *sql, const PruneLimits *limits,
          GError **error)
{
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(database, sql, error);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GError *problem = NULL;

    if (!rows)
        return NULL;
    if (limits->path)
        sqlite3_bind_text(rows, 1, limits->path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(rows, 2, limits->n_runs);
    sqlite3_bind_int64(rows, 3, limits->most);
    while (dag__database_next(database, rows, &problem)) {
        int64_t id = sqlite3_column_int64(rows, 0), start = sqlite3_column_int64(rows, 2);

        if (sqlite3_column_int(rows, 3) || start == 0 ||
            dag__past_process_start(sqlite3_column_int64(rows, 1)) != start)
            g_array_append_val(runs, id);
    }
    if (!problem)
        return g_steal_pointer(&runs);
    g_propagate_error(error, problem);
    return NULL;
}

bool
dag__prune_is_in_use(const Database *database)
{
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        database,
        "SELECT process, process_start FROM run WHERE duration_ns IS NULL AND host = ?",
        NULL);

    if (!rows)
        return false;
    sqlite3_bind_text(rows, 1, g_get_host_name(), -1, SQLITE_STATIC);
    while (dag__database_next(database, rows, NULL)) {
        int64_t start = sqlite3_column_int64(rows, 1);

        if (start != 0 && dag__past_process_start(sqlite3_column_int64(rows, 0)) == start)
            return true;
    }
    return false;
}

int64_t
dag__prune_size(const Database *database)
{
    g_autoptr(sqlite3_stmt) row = dag__database_prepare(
        database,
        "SELECT (page_count - freelist_count) * page_size +"
        " (SELECT total(size) FROM text WHERE bytes IS NULL)"
        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
        NULL);

    return row && dag__database_next(database, row, NULL) ? sqlite3_column_int64(row, 0)
                                                          : 0;
}

/* Remove runs in order, until the store has at most `n_bytes`. */
static bool
remove_runs(Texts *texts, const GArray *runs, int64_t n_bytes, int64_t *n_removed_out,
            GError **error)
{
    for (guint i = 0; i < runs->len; i++) {
        if (n_bytes >= 0 && dag__prune_size(texts->database) <= n_bytes)
            break;
        if (!remove_run(texts, g_array_index(runs, int64_t, i), error))
            return false;
        ++*n_removed_out;
    }
    return true;
}

bool
dag__prune(Texts *texts, const PruneLimits *limits, int64_t *n_removed_out, GError **error)
{
    g_autoptr(GArray) many = NULL, old = NULL;

    *n_removed_out = 0;
    many = list_runs(texts->database,
                     "SELECT id, process, process_start, duration_ns IS NOT NULL FROM"
                     " (SELECT run.*, row_number() OVER (PARTITION BY graph ORDER BY run.id"
                     " DESC) AS age FROM run JOIN graph ON graph.id = run.graph"
                     " WHERE ?1 IS NULL OR path = ?1)"
                     " WHERE age > ?2 AND id < (SELECT max(id) FROM run)"
                     " ORDER BY id LIMIT ?3",
                     limits, error);
    if (!many || !remove_runs(texts, many, -1, n_removed_out, error))
        return false;
    if (limits->n_bytes == INT64_MAX || dag__prune_size(texts->database) <= limits->n_bytes)
        return true;
    old = list_runs(texts->database,
                    "SELECT id, process, process_start, duration_ns IS NOT NULL FROM run"
                    " WHERE id < (SELECT max(id) FROM run) ORDER BY id LIMIT ?3",
                    limits, error);
    return old && remove_runs(texts, old, limits->n_bytes, n_removed_out, error);
}

/* Return true if the store has too many runs of the graph of `run`, or is too large.  The size of the file is
 * enough here: there are hardly any unused pages before runs are removed. */
static bool
is_too_much(const Database *database, int64_t run)
{
    g_autoptr(sqlite3_stmt) row =
        dag__database_prepare(database,
                              "SELECT (SELECT count(*) FROM run WHERE graph = (SELECT "
                              "graph FROM run WHERE id = ?)),"
                              " (SELECT total(size) FROM text WHERE bytes IS NULL)",
                              NULL);

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, run);
    return dag__database_next(database, row, NULL) &&
           (sqlite3_column_int64(row, 0) > DAG_STORE_MOST_RUNS + SPARE_RUNS ||
            sqlite3_column_int64(row, 1) + dag__database_file_size(database) >
                DAG_STORE_MOST_BYTES);
}

void
dag__prune_after(Texts *texts, int64_t run)
{
    const PruneLimits limits = {.n_runs = DAG_STORE_MOST_RUNS,
                                .n_bytes = DAG_STORE_MOST_BYTES,
                                .most = PRUNED_AT_ONCE};
    int64_t n_removed;

    if (is_too_much(texts->database, run))
        dag__prune(texts, &limits, &n_removed, NULL);
}
