/* SPDX-License-Identifier: MIT */
/*
 * Durations of earlier runs: of tasks, as costs for a plan, and of whole runs, to be compared with.
 *
 * A cost is the median of the last few successes.  A median ignores a single run on a busy machine, and follows a
 * change after three runs.  Runs with the same parameters are better evidence than others, so they alone count for a
 * task that succeeded in one of them.
 */
#include "store/stored.h"

#include <dagrun/store.h>
#include <stdlib.h>
#include <string.h>

/* Successes of a task that count. */
#define LEARN_RUNS 5

/* At most so many rows are read, some 0.3 µs each: of a large graph, fewer runs count. */
#define LEARN_ROWS 500000

/* So many rows, and runs, are read for tasks that did not run, or failed, in the last LEARN_RUNS runs. */
#define LOOK_BACK_ROWS 100000
#define LOOK_BACK_RUNS 100

typedef struct Sample {
    int64_t durations[LEARN_RUNS];
    uint8_t n;
    bool is_complete; /* no other run adds to it */
} Sample;

/* The durations of a graph's tasks, while they are collected. */
typedef struct Lesson {
    const DagStore *store;
    const DagLearnFrom *from;
    Sample *samples;   /* [n_tasks] */
    GHashTable *tasks; /* number + 1 by name */
    size_t n_tasks;
    size_t n_incomplete; /* samples */
} Lesson;

static int
compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

int64_t
dag__median(int64_t *numbers, size_t n)
{
    if (n == 0)
        return -1;
    qsort(numbers, n, sizeof(*numbers), compare_numbers);
    return n % 2 ? numbers[n / 2]
                 : numbers[n / 2 - 1] + (numbers[n / 2] - numbers[n / 2 - 1]) / 2;
}

static void
complete(Lesson *lesson, Sample *sample)
{
    sample->is_complete = true;
    lesson->n_incomplete--;
}

/* Add the successes that the statement finds for a run. */
static void
take_samples(Lesson *lesson, sqlite3_stmt *rows, int64_t run)
{
    sqlite3_bind_int64(rows, 1, run);
    sqlite3_bind_int(rows, 2, DAG_SUCCEEDED);
    while (dag__database_next(lesson->store->database, rows, NULL)) {
        const char *name = (const char *)sqlite3_column_text(rows, 0);
        guint found = name ? GPOINTER_TO_UINT(g_hash_table_lookup(lesson->tasks, name)) : 0;
        int64_t ns = sqlite3_column_int64(rows, 1);
        Sample *sample = found > 0 ? &lesson->samples[found - 1] : NULL;

        if (!sample || ns < 0 || sample->is_complete)
            continue;
        sample->durations[sample->n++] = ns;
        if (sample->n == LEARN_RUNS)
            complete(lesson, sample);
    }
    sqlite3_reset(rows);
}

/* Return the number below which those of the runs are. */
static int64_t
end_of(const DagLearnFrom *from)
{
    return from->before > 0 ? from->before : INT64_MAX;
}

/* Return the number of runs that are looked at. */
static int64_t
most_runs(size_t n_tasks)
{
    int64_t n_rows = (int64_t)n_tasks + 1;
    int64_t few = CLAMP(LEARN_ROWS / n_rows, 1, LEARN_RUNS);

    return CLAMP(LOOK_BACK_ROWS / n_rows, few, LOOK_BACK_RUNS);
}

/* Add the successes of the newest runs with the same parameters, or with others, until all samples are complete.  Runs
 * that only took over results are passed over. */
static void
take_runs(Lesson *lesson, bool is_like)
{
    const Database *database = lesson->store->database;
    const DagLearnFrom *from = lesson->from;
    g_autoptr(GString) params = dag__params_json(from->graph);
    g_autoptr(sqlite3_stmt) runs =
        dag__database_prepare(database,
                              "SELECT run.id FROM run JOIN graph ON graph.id = run.graph"
                              " WHERE path = ? AND (parameters = ?) = ? AND run.id < ?"
                              " AND (n_succeeded IS NULL OR n_succeeded > n_reused)"
                              " ORDER BY run.id DESC LIMIT ?",
                              NULL);
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        database, "SELECT name, busy_ns FROM task WHERE run = ? AND outcome = ?", NULL);

    if (!runs || !rows)
        return;
    sqlite3_bind_text(runs, 1, from->path, -1, SQLITE_STATIC);
    sqlite3_bind_text(runs, 2, params->str, -1, SQLITE_STATIC);
    sqlite3_bind_int(runs, 3, is_like);
    sqlite3_bind_int64(runs, 4, end_of(from));
    sqlite3_bind_int64(runs, 5, most_runs(lesson->n_tasks));
    while (lesson->n_incomplete > 0 && dag__database_next(database, runs, NULL))
        take_samples(lesson, rows, sqlite3_column_int64(runs, 0));
}

size_t
dag_store_learn(DagStore *store, const DagLearnFrom *from, double *costs_out)
{
    g_return_val_if_fail(store && from && from->path && from->graph && costs_out, 0);

    size_t n = dag_graph_n_tasks(from->graph), n_learned = 0;
    g_autofree Sample *samples = g_new0(Sample, n + 1);
    g_autoptr(GHashTable) tasks = g_hash_table_new(g_str_hash, g_str_equal);
    Lesson lesson = {.store = store,
                     .from = from,
                     .samples = samples,
                     .tasks = tasks,
                     .n_tasks = n,
                     .n_incomplete = n};

    for (size_t id = 0; id < n; id++)
        g_hash_table_insert(tasks,
                            (gpointer)dag_graph_task_name(from->graph, (DagTaskId)id),
                            GUINT_TO_POINTER(id + 1));
    take_runs(&lesson, true);
    for (size_t id = 0; id < n; id++)
        if (samples[id].n > 0 && !samples[id].is_complete)
            complete(&lesson, &samples[id]);
    take_runs(&lesson, false);
    for (size_t id = 0; id < n; id++) {
        int64_t ns = dag__median(samples[id].durations, samples[id].n);

        costs_out[id] = ns < 0 ? -1 : (double)ns / 1e9;
        n_learned += ns >= 0;
    }
    return n_learned;
}

size_t
dag_store_recent(DagStore *store, const DagLearnFrom *from, int64_t *durations_out)
{
    g_return_val_if_fail(store && from && from->path && from->graph && durations_out, 0);

    g_autoptr(GString) params = dag__params_json(from->graph);
    g_autoptr(sqlite3_stmt) rows = dag__database_prepare(
        store->database,
        "SELECT duration_ns FROM run JOIN graph ON graph.id = run.graph"
        " WHERE path = ? AND parameters = ? AND tasks = ? AND succeeded "
        " AND duration_ns >= 0 AND n_reused = 0 AND run.id < ? ORDER BY run.id DESC LIMIT "
        "?",
        NULL);
    size_t n = 0;

    if (!rows)
        return 0;
    sqlite3_bind_text(rows, 1, from->path, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, params->str, -1, SQLITE_STATIC);
    sqlite3_bind_int64(rows, 3, (int64_t)dag_graph_n_tasks(from->graph));
    sqlite3_bind_int64(rows, 4, end_of(from));
    sqlite3_bind_int(rows, 5, DAG_STORE_RECENT);
    while (n < DAG_STORE_RECENT && dag__database_next(store->database, rows, NULL))
        durations_out[n++] = sqlite3_column_int64(rows, 0);
    return n;
}

/* The standard deviation of normal data is 1.4826 times the median distance from the median. */
#define SPREAD_OF_MEDIAN 1.4826

/* Distances of so many standard deviations are not chance: one normal run in 740 is longer. */
#define CERTAIN 3

bool
dag_is_slower(int64_t duration_ns, const int64_t *recent_ns, size_t n, double share,
              int64_t *median_ns_out)
{
    g_return_val_if_fail(recent_ns && n > 0 && n <= DAG_STORE_RECENT && median_ns_out,
                         false);

    int64_t sorted[DAG_STORE_RECENT], distances[DAG_STORE_RECENT], median_ns;
    double excess, spread;

    memcpy(sorted, recent_ns, n * sizeof(*sorted));
    *median_ns_out = median_ns = dag__median(sorted, n);
    for (size_t i = 0; i < n; i++)
        distances[i] = ABS(recent_ns[i] - median_ns);
    spread = SPREAD_OF_MEDIAN * (double)dag__median(distances, n);
    excess = (double)(duration_ns - median_ns);
    return excess > share * (double)median_ns && excess > CERTAIN * spread;
}
