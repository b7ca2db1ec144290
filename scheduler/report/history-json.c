/* SPDX-License-Identifier: MIT */
/*
 * Runs in a store as JSON.
 */
#include "report/history.h"
#include "report/json.h"

char *
dag__history_timestamp(int64_t started_us)
{
    g_autoptr(GDateTime) second =
        g_date_time_new_from_unix_local(started_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) time =
        second ? g_date_time_add(second, started_us % G_USEC_PER_SEC) : NULL;

    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%S.%f%:z") : NULL;
}

static void
write_seconds_or_null(JsonWriter *json, const char *key, int64_t ns)
{
    if (ns >= 0)
        dag__json_seconds(json, key, ns);
    else
        dag__json_string(json, key, NULL);
}

/* Write the members of a run into an open object. */
static void
write_run(JsonWriter *json, const DagStoredRun *run)
{
    g_autofree char *timestamp = dag__history_timestamp(run->started_us);

    dag__json_integer(json, "run", run->id);
    dag__json_string(json, "path", run->path);
    dag__json_string(json, "graph", run->graph);
    dag__json_string(json, "timestamp", timestamp);
    dag__json_string(json, "state", dag_stored_run_state(run));
    dag__json_boolean(json, "succeeded", run->succeeded);
    write_seconds_or_null(json, "duration_seconds", run->duration_ns);
    write_seconds_or_null(json, "makespan_seconds", run->makespan_ns);
    write_seconds_or_null(json, "median_seconds", run->median_ns);
    dag__json_integer(json, "n_tasks", run->n_tasks);
    dag__json_integer(json, "n_succeeded", run->n_succeeded);
    dag__json_string(json, "failed", run->failed);
    dag__json_string(json, "strategy", run->strategy);
    dag__json_integer(json, "workers", run->n_workers);
    dag__json_integer(json, "connections", run->n_connections);
    if (run->signal != 0)
        dag__json_integer(json, "signal", run->signal);
    else
        dag__json_string(json, "signal", NULL);
    dag__json_string(json, "host", run->host);
    dag__json_integer(json, "process", run->process);
    dag__json_string(json, "version", run->version);
}

void
dag_report_history_json_to(const GPtrArray *runs, size_t n, const DagReportSink *sink)
{
    g_return_if_fail(runs && n <= runs->len && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_array(&json, NULL);
    for (size_t i = 0; i < n; i++) {
        dag__json_begin_object(&json, NULL);
        write_run(&json, g_ptr_array_index(runs, i));
        dag__json_end_object(&json);
        stream_relieve(&stream);
    }
    dag__json_end_array(&json);
}

/* Write the members of a task into an open object. */
static void
write_task(JsonWriter *json, const DagStoredTask *task)
{
    dag__json_string(json, "id", task->name);
    dag__json_integer(json, "phase", task->phase);
    dag__json_end(json, task->outcome, task->reason, task->exit_code);
    if (task->is_allowed)
        dag__json_boolean(json, "allowed", true);
    if (task->start_ns >= 0) {
        dag__json_seconds(json, "start_seconds", task->start_ns);
        dag__json_seconds(json, "end_seconds", MAX(task->end_ns, 0));
        dag__json_seconds(json, "busy_seconds", MAX(task->busy_ns, 0));
    }
    dag__json_integer(json, "n_attempts", task->n_attempts);
    dag__json_cost_or_null(json, "cost", task->expected >= 0, task->expected);
    if (task->paid >= 0)
        dag__json_number(json, "paid", task->paid);
    if (task->source > 0)
        dag__json_integer(json, "source", task->source);
}

void
dag_report_stored_run_json_to(const DagStoredRun *run, const GPtrArray *tasks,
                              const DagReportSink *sink)
{
    g_return_if_fail(run && tasks && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_object(&json, NULL);
    write_run(&json, run);
    dag__json_string(&json, "summary", run->summary);
    dag__json_begin_array(&json, "tasks");
    for (guint i = 0; i < tasks->len; i++) {
        dag__json_begin_object(&json, NULL);
        write_task(&json, g_ptr_array_index(tasks, i));
        dag__json_end_object(&json);
        stream_relieve(&stream);
    }
    dag__json_end_array(&json);
    dag__json_end_object(&json);
}

void
dag_report_stored_task_json_to(const DagStoredTask *task, const GPtrArray *attempts,
                               const GString *written, const DagReportSink *sink)
{
    g_return_if_fail(task && attempts && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_object(&json, NULL);
    write_task(&json, task);
    dag__json_begin_array(&json, "earlier_attempts");
    for (guint i = 0; i < attempts->len; i++) {
        const DagStoredAttempt *attempt = g_ptr_array_index(attempts, i);

        dag__json_begin_object(&json, NULL);
        dag__json_integer(&json, "number", attempt->number);
        dag__json_end(&json, attempt->outcome, attempt->reason, attempt->exit_code);
        dag__json_seconds(&json, "start_seconds", MAX(attempt->start_ns, 0));
        dag__json_seconds(&json, "end_seconds", MAX(attempt->end_ns, 0));
        dag__json_string(&json, "text", attempt->written ? attempt->written->str : NULL);
        dag__json_end_object(&json);
    }
    dag__json_end_array(&json);
    dag__json_string(&json, "text", written ? written->str : NULL);
    dag__json_end_object(&json);
}
