/* SPDX-License-Identifier: MIT */
/*
 * Reading runs and tasks.  The file may be damaged, so nothing that is read is taken for granted.
 */
#include "store/past-process.h"
#include "store/prune.h"
#include "store/stored.h"

#include <dagrun/store.h>

GString *
dag__params_json(const DagGraph *graph)
{
    GString *json = g_string_new("{");
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);
    DagMask *mask = dag_graph_mask(graph);

    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            g_string_append(json, ", ");
        dag_text_append_json(json, params[i].name);
        g_string_append(json, ": ");
        if (params[i].value)
            dag_text_append_json(json, params[i].is_secret ? "***" : params[i].value);
        else
            g_string_append(json, "null");
    }
    g_string_append_c(json, '}');
    dag_mask_text(mask, json, 0);
    dag_mask_unref(mask);
    return json;
}

DagStore *
dag_store_open(const char *directory, GError **error)
{
    g_return_val_if_fail(directory, NULL);

    g_autoptr(DagStore) store = g_new0(DagStore, 1);

    store->database = dag__database_open(directory, DATABASE_READ, error);
    if (!store->database)
        return NULL;
    dag__texts_init(&store->texts, store->database);
    return g_steal_pointer(&store);
}

void
dag_store_close(DagStore *store)
{
    if (!store)
        return;
    dag__texts_clear(&store->texts);
    dag__database_close(store->database);
    g_free(store);
}

Database *
dag__store_take_database(DagStore *store)
{
    Database *database = g_steal_pointer(&store->database);

    dag_store_close(store);
    return database;
}

void
dag_stored_run_free(DagStoredRun *run)
{
    if (!run)
        return;
    g_free(run->path);
    g_free(run->graph);
    g_free(run->strategy);
    g_free(run->host);
    g_free(run->version);
    g_free(run->parameters);
    g_free(run->failed);
    g_free(run->summary);
    g_free(run);
}

static void
free_run(gpointer run)
{
    dag_stored_run_free(run);
}

/* Return a copy of a text column; NULL stays NULL. */
static char *
text_of(sqlite3_stmt *row, int column)
{
    return g_strdup((const char *)sqlite3_column_text(row, column));
}

/* The same, with "" for NULL. */
static char *
text_or_empty(sqlite3_stmt *row, int column)
{
    char *text = text_of(row, column);

    return text ? text : g_strdup("");
}

static int64_t
number_of(sqlite3_stmt *row, int column, int64_t otherwise)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL
               ? otherwise
               : sqlite3_column_int64(row, column);
}

static DagOutcome
outcome_of(sqlite3_stmt *row, int column)
{
    int outcome = sqlite3_column_int(row, column);

    return outcome > DAG_PENDING && outcome < DAG_N_OUTCOMES ? (DagOutcome)outcome
                                                             : DAG_PENDING;
}

#define RUN_COLUMNS                                                                        \
    "SELECT run.id, path, name, strategy, host, version, parameters, failed, process,"     \
    " process_start, started_us, duration_ns, makespan_ns, workers, connections, tasks,"   \
    " n_succeeded, stop, signal, succeeded, summary, n_reused FROM run JOIN graph ON"      \
    " graph.id = run.graph "

static DagStoredRun *
read_run(sqlite3_stmt *row)
{
    DagStoredRun *run = g_new0(DagStoredRun, 1);
    int stop = sqlite3_column_int(row, 17);
    int64_t start = sqlite3_column_int64(row, 9);

    run->id = sqlite3_column_int64(row, 0);
    run->path = text_or_empty(row, 1);
    run->graph = text_or_empty(row, 2);
    run->strategy = text_or_empty(row, 3);
    run->host = text_or_empty(row, 4);
    run->version = text_or_empty(row, 5);
    run->parameters = text_or_empty(row, 6);
    run->failed = text_or_empty(row, 7);
    run->process = sqlite3_column_int64(row, 8);
    run->started_us = sqlite3_column_int64(row, 10);
    run->duration_ns = number_of(row, 11, -1);
    run->makespan_ns = number_of(row, 12, -1);
    run->median_ns = -1;
    run->n_workers = (uint32_t)sqlite3_column_int64(row, 13);
    run->n_connections = (uint32_t)sqlite3_column_int64(row, 14);
    run->n_tasks = (uint32_t)sqlite3_column_int64(row, 15);
    run->n_succeeded = (uint32_t)sqlite3_column_int64(row, 16);
    run->stop =
        stop >= DAG_STOP_NONE && stop <= DAG_STOP_TIMEOUT ? (DagStop)stop : DAG_STOP_NONE;
    run->signal = sqlite3_column_int(row, 18);
    run->succeeded = sqlite3_column_int(row, 19) != 0;
    run->summary = text_of(row, 20);
    run->n_reused = (uint32_t)sqlite3_column_int64(row, 21);
    run->is_going = run->duration_ns < 0 && start != 0 &&
                    g_str_equal(run->host, g_get_host_name()) &&
                    dag__past_process_start(run->process) == start;
    return run;
}

/* Count the tasks that a run without an end has stored. */
static void
count_succeeded(const DagStore *store, DagStoredRun *run)
{
    g_autoptr(sqlite3_stmt) row = dag__database_prepare(
        store->database, "SELECT count(*) FROM task WHERE run = ? AND outcome IN (?, ?)",
        NULL);

    if (!row)
        return;
    sqlite3_bind_int64(row, 1, run->id);
    sqlite3_bind_int(row, 2, DAG_SUCCEEDED);
    sqlite3_bind_int(row, 3, DAG_REUSED);
    if (dag__database_next(store->database, row, NULL))
        run->n_succeeded = (uint32_t)sqlite3_column_int64(row, 0);
}

/* Set the median of the complete successes before run number `i` of the array, which begins with the newest. */
static void
set_median(GPtrArray *runs, guint i)
{
    DagStoredRun *run = g_ptr_array_index(runs, i);
    int64_t durations[DAG_STORE_RECENT];
    size_t n = 0;

    for (guint k = i + 1; k < runs->len && n < DAG_STORE_RECENT; k++) {
        const DagStoredRun *earlier = g_ptr_array_index(runs, k);

        if (earlier->succeeded && earlier->duration_ns >= 0 && earlier->n_reused == 0 &&
            g_str_equal(earlier->path, run->path))
            durations[n++] = earlier->duration_ns;
    }
    run->median_ns = dag__median(durations, n);
}

GPtrArray *
dag_store_runs(DagStore *store, const char *path, GError **error)
{
    g_return_val_if_fail(store, NULL);

    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(free_run);
    g_autoptr(GError) problem = NULL;
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        store->database, RUN_COLUMNS "WHERE ? IS NULL OR path = ?1 ORDER BY run.id DESC",
        &problem);

    if (rows && path)
        sqlite3_bind_text(rows, 1, path, -1, SQLITE_STATIC);
    while (rows && dag__database_next(store->database, rows, &problem)) {
        DagStoredRun *run = read_run(rows);

        g_clear_pointer(&run->summary, g_free);
        if (run->duration_ns < 0)
            count_succeeded(store, run);
        g_ptr_array_add(runs, run);
    }
    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    for (guint i = 0; i < runs->len; i++)
        set_median(runs, i);
    return g_steal_pointer(&runs);
}

DagStoredRun *
dag_store_run(DagStore *store, int64_t id, GError **error)
{
    g_return_val_if_fail(store, NULL);

    g_autoptr(sqlite3_stmt) row = dag__database_prepare(
        store->database,
        RUN_COLUMNS "WHERE run.id = ? OR (?1 = 0 AND run.id = (SELECT max(id) FROM run))",
        error);
    DagStoredRun *run = NULL;

    if (!row)
        return NULL;
    sqlite3_bind_int64(row, 1, id);
    if (dag__database_next(store->database, row, error))
        run = read_run(row);
    if (run && run->duration_ns < 0)
        count_succeeded(store, run);
    return run;
}

static void
free_task(gpointer data)
{
    DagStoredTask *task = data;

    g_free(task->name);
    g_free(task->reason);
    g_free(task);
}

static DagStoredTask *
read_task(sqlite3_stmt *row)
{
    DagStoredTask *task = g_new0(DagStoredTask, 1);

    task->number = (uint32_t)sqlite3_column_int64(row, 0);
    task->name = text_or_empty(row, 1);
    task->phase = (uint32_t)sqlite3_column_int64(row, 2);
    task->outcome = outcome_of(row, 3);
    task->is_allowed = sqlite3_column_int(row, 4) != 0;
    task->start_ns = number_of(row, 5, -1);
    task->end_ns = number_of(row, 6, -1);
    task->busy_ns = number_of(row, 7, -1);
    task->n_attempts = (unsigned)sqlite3_column_int(row, 8);
    task->exit_code = (int)number_of(row, 9, DAG_EXIT_NONE);
    task->reason = text_of(row, 10);
    task->expected =
        sqlite3_column_type(row, 11) == SQLITE_NULL ? -1 : sqlite3_column_double(row, 11);
    task->paid =
        sqlite3_column_type(row, 12) == SQLITE_NULL ? -1 : sqlite3_column_double(row, 12);
    task->source = number_of(row, 13, 0);
    return task;
}

GPtrArray *
dag_store_tasks(DagStore *store, int64_t run, GError **error)
{
    g_return_val_if_fail(store, NULL);

    g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func(free_task);
    g_autoptr(GError) problem = NULL;
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        store->database,
        "SELECT number, name, phase, outcome, allowed, start_ns, end_ns, busy_ns, attempts,"
        " exit_code, reason, expected, paid, source FROM task WHERE run = ? ORDER BY "
        "number",
        &problem);

    if (rows)
        sqlite3_bind_int64(rows, 1, run);
    while (rows && dag__database_next(store->database, rows, &problem))
        g_ptr_array_add(tasks, read_task(rows));
    if (!problem)
        return g_steal_pointer(&tasks);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

static void
free_attempt(gpointer data)
{
    DagStoredAttempt *attempt = data;

    g_free(attempt->reason);
    if (attempt->written)
        g_string_free(attempt->written, TRUE);
    g_free(attempt);
}

GPtrArray *
dag_store_attempts(DagStore *store, int64_t run, uint32_t task, GError **error)
{
    g_return_val_if_fail(store, NULL);

    g_autoptr(GPtrArray) attempts = g_ptr_array_new_with_free_func(free_attempt);
    g_autoptr(GError) problem = NULL;
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        store->database,
        "SELECT number, start_ns, end_ns, outcome, exit_code, reason, transcript"
        " FROM attempt WHERE run = ? AND task = ? ORDER BY number",
        &problem);

    if (rows) {
        sqlite3_bind_int64(rows, 1, run);
        sqlite3_bind_int64(rows, 2, task);
    }
    while (rows && dag__database_next(store->database, rows, &problem)) {
        DagStoredAttempt *attempt = g_new0(DagStoredAttempt, 1);

        attempt->number = (unsigned)sqlite3_column_int(rows, 0);
        attempt->start_ns = sqlite3_column_int64(rows, 1);
        attempt->end_ns = sqlite3_column_int64(rows, 2);
        attempt->outcome = outcome_of(rows, 3);
        attempt->exit_code = (int)number_of(rows, 4, DAG_EXIT_NONE);
        attempt->reason = text_of(rows, 5);
        attempt->written = dag__texts_read(&store->texts, rows, 6);
        g_ptr_array_add(attempts, attempt);
    }
    if (!problem)
        return g_steal_pointer(&attempts);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

/* Return the text that a statement finds for a task. */
static GString *
find_text(DagStore *store, const char *sql, int64_t run, uint32_t task)
{
    g_autoptr(sqlite3_stmt) row = dag__database_prepare(store->database, sql, NULL);

    if (!row)
        return NULL;
    sqlite3_bind_int64(row, 1, run);
    sqlite3_bind_int64(row, 2, task);
    return dag__database_next(store->database, row, NULL)
               ? dag__texts_read(&store->texts, row, 0)
               : NULL;
}

GString *
dag_store_written(DagStore *store, int64_t run, uint32_t task)
{
    g_return_val_if_fail(store, NULL);
    return find_text(
        store, "SELECT coalesce(transcript, output) FROM task WHERE run = ? AND number = ?",
        run, task);
}

GString *
dag_store_output(DagStore *store, int64_t run, uint32_t task)
{
    g_return_val_if_fail(store, NULL);
    return find_text(store, "SELECT output FROM task WHERE run = ? AND number = ?", run,
                     task);
}

bool
dag_store_prune(DagStore *store, const char *path, uint32_t n_runs,
                DagStorePruned *pruned_out, GError **error)
{
    g_return_val_if_fail(store && pruned_out && n_runs > 0, false);

    const PruneLimits limits = {
        .path = path, .n_runs = n_runs, .n_bytes = DAG_STORE_MOST_BYTES, .most = INT64_MAX};

    if (!dag__prune(&store->texts, &limits, &pruned_out->n_runs, error))
        return false;
    /* It writes all of the file in one transaction. */
    pruned_out->is_compacted = !dag__prune_is_in_use(store->database);
    return !pruned_out->is_compacted || dag__database_run(store->database, "VACUUM", error);
}

int64_t
dag_store_size(const DagStore *store)
{
    g_return_val_if_fail(store, 0);
    return dag__prune_size(store->database);
}
