/* SPDX-License-Identifier: MIT */
/*
 * The observer that writes a run.  It opens the store when the first task has started, so that this takes place while
 * tasks run, and writes a batch of events in one transaction, which it commits before other observers see them.
 *
 * After the first error it writes nothing more: what the store has then is true, but not all.
 */
#include "store/begun.h"
#include "store/bind.h"
#include "store/graph-digest.h"
#include "store/past-process.h"
#include "store/prune.h"
#include "store/recall.h"
#include "store/stored.h"

#include <dagrun/store.h>
#include <dagrun/traffic.h>
#include <string.h>

/* The names of failed tasks that a list of runs shows. */
#define MAX_FAILED 3

struct DagStoreWriter {
    char *directory, *graph_path, *version; /* owned */

    DagStore *opened;  /* owned, or NULL: its database is to be used */
    Recall *recall;    /* or NULL */
    const DagRun *run; /* borrowed; NULL before the run began */
    Database *database;
    Texts texts;
    sqlite3_stmt *begin, *commit, *add_task, *add_attempt, *add_begun; /* owned */
    int64_t id;          /* of the run; 0: not yet */
    uint32_t *number_of; /* [n_tasks]: the position of each declaration */
    DagMask *mask;       /* a reference; NULL: the graph has no secrets */
    bool may_open;       /* a task has started */
    bool is_in_transaction;
    GString *failed; /* names of failed tasks */
    unsigned n_failed;
    GString *written, *output; /* buffers */
    char *problem;             /* owned */
    bool is_given_up;
};

DagStoreWriter *
dag_store_writer_new(const DagStoreAbout *about)
{
    g_return_val_if_fail(about && about->directory && about->graph_path && about->version,
                         NULL);

    DagStoreWriter *writer = g_new0(DagStoreWriter, 1);

    writer->directory = g_strdup(about->directory);
    writer->graph_path = g_strdup(about->graph_path);
    writer->version = g_strdup(about->version);
    writer->opened = about->store;
    writer->failed = g_string_new(NULL);
    writer->written = g_string_new(NULL);
    writer->output = g_string_new(NULL);
    return writer;
}

static const DagGraph *
graph_of(const DagStoreWriter *writer)
{
    return dag_plan_graph(dag_run_plan(writer->run));
}

/* Write nothing more.  Takes the error. */
static void
give_up(DagStoreWriter *writer, GError *error)
{
    g_free(writer->problem);
    writer->problem = g_strdup(error->message);
    g_error_free(error);
    if (writer->is_in_transaction)
        sqlite3_exec(writer->database->sqlite, "ROLLBACK", NULL, NULL, NULL);
    writer->is_in_transaction = false;
    writer->is_given_up = true;
}

/* Fill number_of. */
static void
count_declarations(DagStoreWriter *writer)
{
    DagIds declared = dag_graph_declared(graph_of(writer));

    writer->number_of = g_new0(uint32_t, declared.n + 1);
    for (size_t i = 0; i < declared.n; i++)
        writer->number_of[declared.ids[i]] = (uint32_t)i;
}

/* Prepare the statements that all runs need. */
static bool
prepare(DagStoreWriter *writer, GError **error)
{
    Database *database = writer->database;

    dag__texts_init(&writer->texts, database);
    return (writer->begin = dag__database_prepare(database, "BEGIN IMMEDIATE", error)) &&
           (writer->commit = dag__database_prepare(database, "COMMIT", error)) &&
           (writer->add_task = dag__database_prepare(
                database,
                "INSERT OR REPLACE INTO task (run, number, name, phase, outcome, allowed, "
                "start_ns,"
                " end_ns, busy_ns, attempts, exit_code, reason, expected, paid, output,"
                " transcript, key, parts, source, made_us, files)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                error));
}

/* Return the number that a statement with the path and the name of the graph returns; 0: none, or with an error. */
static int64_t
ask_graph(const DagStoreWriter *writer, const char *sql, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = dag__database_prepare(writer->database, sql, error);
    int64_t id = 0;

    if (!statement)
        return 0;
    sqlite3_bind_text(statement, 1, writer->graph_path, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, dag_graph_name(graph_of(writer)), -1, SQLITE_STATIC);
    while (dag__database_next(writer->database, statement, error))
        id = sqlite3_column_int64(statement, 0);
    return id;
}

/* Return the number of the graph in the store, 0 on an error.  Adds it if it is new, or has another name now. */
static int64_t
find_graph(const DagStoreWriter *writer, GError **error)
{
    GError *problem = NULL;
    int64_t id =
        ask_graph(writer, "SELECT id FROM graph WHERE path = ? AND name = ?", &problem);

    if (id == 0 && !problem)
        id =
            ask_graph(writer,
                      "INSERT INTO graph (path, name) VALUES (?, ?)"
                      " ON CONFLICT (path) DO UPDATE SET name = excluded.name RETURNING id",
                      &problem);
    if (problem)
        g_propagate_error(error, problem);
    return problem ? 0 : id;
}

/* Add the row of the run, and set its number. */
static bool
add_run(DagStoreWriter *writer, GError **error)
{
    const DagRun *run = writer->run;
    uint8_t digest[KEYED_DIGEST_SIZE];
    int64_t graph = find_graph(writer, error);
    g_autoptr(GString) params = dag__params_json(graph_of(writer));
    g_autoptr(sqlite3_stmt) row =
        graph == 0 ? NULL
                   : dag__database_prepare(
                         writer->database,
                         "INSERT INTO run (graph, digest, started_us, strategy, workers,"
                         " connections, tasks, host, version, process, process_start,"
                         " parameters, resumed)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         error);

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, graph);
    if (dag__graph_digest(writer->graph_path, digest))
        sqlite3_bind_blob(row, 2, digest, sizeof(digest), SQLITE_STATIC);
    sqlite3_bind_int64(row, 3, dag_run_started_us(run));
    sqlite3_bind_text(row, 4, dag_run_strategy(run)->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 5, dag_run_n_workers(run));
    sqlite3_bind_int64(row, 6, dag_run_n_connections(run));
    sqlite3_bind_int64(row, 7, (int64_t)dag_graph_n_tasks(graph_of(writer)));
    sqlite3_bind_text(row, 8, g_get_host_name(), -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 9, writer->version, -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 10, dag__past_process_self());
    sqlite3_bind_int64(row, 11, dag__past_process_start(dag__past_process_self()));
    sqlite3_bind_text(row, 12, params->str, (int)params->len, SQLITE_STATIC);
    if (dag__recall_run(writer->recall) > 0)
        sqlite3_bind_int64(row, 13, dag__recall_run(writer->recall));
    if (!dag__database_step(writer->database, row, error))
        return false;
    writer->id = sqlite3_last_insert_rowid(writer->database->sqlite);
    return true;
}

static bool
begin(DagStoreWriter *writer, GError **error)
{
    writer->is_in_transaction = dag__database_step(writer->database, writer->begin, error);
    return writer->is_in_transaction;
}

static bool
open_store(DagStoreWriter *writer, GError **error)
{
    writer->database = writer->opened
                           ? dag__store_take_database(g_steal_pointer(&writer->opened))
                           : dag__database_open(writer->directory, DATABASE_WRITE, error);
    if (!writer->database)
        return false;
    if (writer->database->damaged)
        writer->problem =
            g_strdup_printf("the store \"%s\" was damaged; it is now \"%s\", and a new one "
                            "was begun",
                            writer->directory, writer->database->damaged);
    count_declarations(writer);
    writer->mask = dag_graph_mask(graph_of(writer));
    return prepare(writer, error) && begin(writer, error) && add_run(writer, error);
}

/* Open the store if that was not done yet, and begin a transaction.
 * Returns: false if the store has been given up. */
static bool
make_ready(DagStoreWriter *writer)
{
    GError *error = NULL;

    if (writer->is_given_up)
        return false;
    if (!writer->database)
        open_store(writer, &error);
    else if (!writer->is_in_transaction)
        begin(writer, &error);
    if (error)
        give_up(writer, error);
    return !error;
}

/* A DagSpoolTaker. */
static bool
take_bytes(const char *bytes, uint64_t size, void *data)
{
    GString *text = data;

    if (bytes && text->len + size <= TEXT_MOST)
        g_string_append_len(text, bytes, (gssize)size);
    return true;
}

/* Read a transcript into `text`; with `stream`, standard output only.
 * Returns: `text`, or NULL if it is incomplete or too long. */
static GString *
read_spool(const DagSpool *spool, bool output_only, GString *text)
{
    uint64_t size;

    g_string_truncate(text, 0);
    if (!spool)
        return text;
    size = output_only ? dag_spool_stream_size(spool, DAG_STREAM_OUTPUT)
                       : dag_spool_size(spool);
    if (size > TEXT_MOST || dag_spool_n_lost(spool) > 0)
        return NULL;
    if (output_only)
        dag_spool_read_stream(spool, DAG_STREAM_OUTPUT, take_bytes, text);
    else
        dag_spool_read(spool, take_bytes, text);
    return text->len == size ? text : NULL;
}

/* Bind the columns of the key: digest, parts, and the run in which the task ran, if that was another one. */
static void
bind_key(sqlite3_stmt *row, int column, const KeptKey *key)
{
    if (key)
        sqlite3_bind_blob(row, column, key->digest, DAG_DIGEST_SIZE, SQLITE_STATIC);
    else
        sqlite3_bind_null(row, column);
    bind_text_or_null(row, column + 1, key ? key->parts : NULL);
    if (key && key->source > 0)
        sqlite3_bind_int64(row, column + 2, key->source);
    else
        sqlite3_bind_null(row, column + 2);
}

/* Bind the time at which the result of a task with a cache was made, as far as it has a key. */
static void
bind_made(const DagStoreWriter *writer, int column, DagTaskId id, const KeptKey *key)
{
    bool is_cached = key && dag_graph_task_cache_ns(graph_of(writer), id) > 0;
    int64_t made_us = 0;

    if (is_cached)
        made_us = key->source > 0 ? key->made_us
                                  : dag_run_started_us(writer->run) +
                                        dag_run_record(writer->run, id).end_ns / 1000;
    if (made_us > 0)
        sqlite3_bind_int64(writer->add_task, column, made_us);
    else
        sqlite3_bind_null(writer->add_task, column);
}

/* Bind the columns of output and transcript.  The transcript is left out if it is equal to the output.  The texts
 * are masked: where there are secrets, an output may not be the true one, and is left out unless the memory
 * kept it. */
static bool
bind_texts(DagStoreWriter *writer, const DagSpool *spool, int column, const KeptKey *key,
           GError **error)
{
    bool has_errors = spool && dag_spool_stream_size(spool, DAG_STREAM_ERRORS) > 0;
    bool is_masked = writer->mask != NULL;
    bool is_reused = key && key->source > 0;
    const GString *output = key && key->output ? key->output
                            : is_masked || is_reused
                                ? NULL
                                : read_spool(spool, true, writer->output);
    const GString *written =
        is_masked || has_errors ? read_spool(spool, false, writer->written) : NULL;

    return dag__texts_bind(&writer->texts, writer->add_task, column, output, error) &&
           dag__texts_bind(&writer->texts, writer->add_task, column + 1, written, error);
}

static void
note_failure(DagStoreWriter *writer, DagTaskId id, const DagRecord *record)
{
    if (record->outcome != DAG_FAILED && record->outcome != DAG_TIMED_OUT)
        return;
    writer->n_failed++;
    if (writer->n_failed > MAX_FAILED)
        return;
    g_string_append_printf(writer->failed, "%s%s", writer->failed->len > 0 ? ", " : "",
                           dag_graph_task_name(graph_of(writer), id));
}

static void
add_task(DagStoreWriter *writer, const DagEvent *event)
{
    const DagRun *run = writer->run;
    const DagPlan *plan = dag_run_plan(run);
    DagTaskId id = event->task;
    DagRecord record = dag_run_record(run, id);
    const DagUsage *usage = dag_run_usage(run, id);
    bool has_failed = record.outcome == DAG_FAILED || record.outcome == DAG_TIMED_OUT;
    sqlite3_stmt *row = writer->add_task;
    g_autoptr(KeptKey) key = dag__kept_keys_take(dag__recall_keys(writer->recall), id);
    GError *error = NULL;

    note_failure(writer, id, &record);
    sqlite3_bind_int64(row, 1, writer->id);
    sqlite3_bind_int64(row, 2, writer->number_of[id]);
    sqlite3_bind_text(row, 3, dag_graph_task_name(graph_of(writer), id), -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 4, dag_plan_phase(plan, id) + 1);
    sqlite3_bind_int(row, 5, record.outcome);
    sqlite3_bind_int(
        row, 6, has_failed && dag_graph_task_policy(graph_of(writer), id)->allow_failure);
    bind_time(row, 7, record.start_ns);
    bind_time(row, 8, record.end_ns);
    bind_time(row, 9, record.start_ns < 0 ? -1 : dag_run_busy_ns(run, id));
    sqlite3_bind_int(row, 10, record.n_attempts);
    bind_code(row, 11, record.exit_code);
    bind_text_or_null(row, 12, dag_run_reason(run, id));
    if (dag_plan_cost_is_known(plan, id))
        sqlite3_bind_double(row, 13, dag_plan_cost(plan, id));
    else
        sqlite3_bind_null(row, 13);
    if (usage && usage->has_cost)
        sqlite3_bind_double(row, 14, usage->cost);
    else
        sqlite3_bind_null(row, 14);
    bind_key(row, 17, key);
    bind_made(writer, 20, id, key);
    bind_text_or_null(row, 21, key ? key->files : NULL);
    if (!bind_texts(writer, event->transcript, 15, key, &error) ||
        !dag__database_step(writer->database, row, &error))
        give_up(writer, error);
}

static void
add_attempt(DagStoreWriter *writer, const DagEvent *event)
{
    const DagAttempt *attempt = event->failed;
    GString *written = read_spool(event->transcript, false, writer->written);
    sqlite3_stmt *row;
    GError *error = NULL;

    if (!writer->add_attempt)
        writer->add_attempt = dag__database_prepare(
            writer->database, "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &error);
    row = writer->add_attempt;
    if (!row) {
        give_up(writer, error);
        return;
    }
    sqlite3_bind_int64(row, 1, writer->id);
    sqlite3_bind_int64(row, 2, writer->number_of[event->task]);
    sqlite3_bind_int64(row, 3, event->attempt);
    sqlite3_bind_int64(row, 4, attempt->start_ns);
    sqlite3_bind_int64(row, 5, attempt->end_ns);
    sqlite3_bind_int(row, 6, attempt->outcome);
    bind_code(row, 7, attempt->exit_code);
    bind_text_or_null(row, 8, attempt->reason);
    if (!dag__texts_bind(&writer->texts, row, 9, written, &error) ||
        !dag__database_step(writer->database, row, &error))
        give_up(writer, error);
}

/* Set the columns that the end of the run decides. */
static bool
end_run(DagStoreWriter *writer, const char *summary, GError **error)
{
    const DagRun *run = writer->run;
    g_autoptr(sqlite3_stmt) row = dag__database_prepare(
        writer->database,
        "UPDATE run SET duration_ns = ?, makespan_ns = ?, stop = ?, signal = ?,"
        " succeeded = ?, n_succeeded = ?, failed = ?, summary = ?, n_reused = ?"
        " WHERE id = ?",
        error);

    if (!row)
        return false;
    if (writer->n_failed > MAX_FAILED)
        g_string_append_printf(writer->failed, " and %u more",
                               writer->n_failed - MAX_FAILED);
    sqlite3_bind_int64(row, 1, dag_run_duration_ns(run));
    sqlite3_bind_int64(row, 2, dag_run_makespan_ns(run));
    sqlite3_bind_int(row, 3, dag_run_stop(run));
    sqlite3_bind_int(row, 4, dag_run_signal(run));
    sqlite3_bind_int(row, 5, dag_run_succeeded(run));
    sqlite3_bind_int64(
        row, 6,
        (int64_t)(dag_run_count(run, DAG_SUCCEEDED) + dag_run_count(run, DAG_REUSED)));
    sqlite3_bind_text(row, 7, writer->failed->str, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 8, summary, -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 9, (int64_t)dag_run_count(run, DAG_REUSED));
    sqlite3_bind_int64(row, 10, writer->id);
    return dag__database_step(writer->database, row, error);
}

/* Note that a task has begun of which the run that is resumed has a result. */
static void
note_start(DagStoreWriter *writer, const DagEvent *event)
{
    GError *error = NULL;

    if (!dag__recall_has_result(writer->recall,
                                dag_graph_task_name(graph_of(writer), event->task)) ||
        !make_ready(writer))
        return;
    if (!dag__begun_store(writer->database, &writer->add_begun,
                          (BegunRow){writer->id, writer->number_of[event->task]}, event,
                          &error))
        give_up(writer, error);
}

/* DagObserver.notify */
static void
notify(const DagEvent *event, void *data)
{
    DagStoreWriter *writer = data;

    switch (event->type) {
    case DAG_EVENT_RUN_STARTED:
        writer->run = event->run;
        break;
    case DAG_EVENT_TASK_STARTED:
        writer->may_open = true;
        note_start(writer, event);
        break;
    case DAG_EVENT_ATTEMPT_FAILED:
        if (make_ready(writer))
            add_attempt(writer, event);
        break;
    case DAG_EVENT_TASK_FINISHED:
        if (make_ready(writer))
            add_task(writer, event);
        break;
    default:
        break;
    }
}

/* DagObserver.flush */
static void
flush(void *data)
{
    DagStoreWriter *writer = data;
    GError *error = NULL;

    if (writer->may_open && !writer->database && !make_ready(writer))
        return;
    if (!writer->is_in_transaction)
        return;
    if (dag__database_step(writer->database, writer->commit, &error))
        writer->is_in_transaction = false;
    else
        give_up(writer, error);
}

const DagMemory *
dag_store_writer_memory(DagStoreWriter *writer, const DagStoreResume *resume,
                        GError **error)
{
    g_return_val_if_fail(writer && !writer->recall, NULL);
    writer->recall = dag__recall_new(writer->directory, writer->graph_path, resume, error);
    return writer->recall ? dag__recall_memory(writer->recall) : NULL;
}

int64_t
dag_store_writer_resumes(const DagStoreWriter *writer)
{
    g_return_val_if_fail(writer, 0);
    return dag__recall_run(writer->recall);
}

DagObserver
dag_store_writer_observer(DagStoreWriter *writer)
{
    return (DagObserver){.notify = notify, .flush = flush, .data = writer};
}

void
dag_store_writer_finish(DagStoreWriter *writer, const DagRun *run, const char *summary)
{
    g_return_if_fail(writer && run && summary);

    GError *error = NULL;

    writer->run = run;
    if (!make_ready(writer))
        return;
    if (!end_run(writer, summary, &error)) {
        give_up(writer, error);
        return;
    }
    flush(writer);
    if (!writer->is_given_up)
        dag__prune_after(&writer->texts, writer->id);
}

const char *
dag_store_writer_problem(const DagStoreWriter *writer)
{
    g_return_val_if_fail(writer, NULL);
    return writer->problem;
}

int64_t
dag_store_writer_run(const DagStoreWriter *writer)
{
    g_return_val_if_fail(writer, 0);
    return writer->id;
}

void
dag_store_writer_free(DagStoreWriter *writer)
{
    if (!writer)
        return;
    dag__recall_free(writer->recall);
    dag__texts_clear(&writer->texts);
    sqlite3_finalize(writer->begin);
    sqlite3_finalize(writer->commit);
    sqlite3_finalize(writer->add_task);
    sqlite3_finalize(writer->add_attempt);
    sqlite3_finalize(writer->add_begun);
    dag__database_close(writer->database);
    dag_store_close(writer->opened);
    dag_mask_unref(writer->mask);
    g_free(writer->number_of);
    g_string_free(writer->failed, TRUE);
    g_string_free(writer->written, TRUE);
    g_string_free(writer->output, TRUE);
    g_free(writer->problem);
    g_free(writer->directory);
    g_free(writer->graph_path);
    g_free(writer->version);
    g_free(writer);
}
