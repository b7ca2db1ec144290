/* SPDX-License-Identifier: MIT */
/*
 * The run as JSON: timings.json.  The keys of the top level are a table, so that a parameter with
 * the same name as a key can be detected.
 */
#include "report/advice.h"
#include "report/causes.h"
#include "report/json.h"
#include "report/measures.h"
#include "report/traffic-json.h"

#include <dagrun/report.h>

typedef struct Document {
    const DagRun *run;
    const DagPlan *plan;
    const DagGraph *graph;
    const Measures *measures;
} Document;

/* A key at the top level; write() writes the key and its value. */
typedef struct Member {
    const char *key; /* NULL: write() writes any number of members */
    void (*write)(JsonWriter *json, const char *key, const Document *document);
} Member;

static bool is_taken(const char *name);

static void
write_duration(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_seconds(json, key, dag_run_duration_ns(document->run));
}

static void
write_minutes(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_seconds(json, key, (dag_run_duration_ns(document->run) + 30) / 60);
}

static void
write_phase_timings(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_begin_object(json, key);
    for (uint32_t phase = 0; phase < dag_plan_n_phases(document->plan); phase++) {
        int64_t span_ns = dag__phase_span_ns(&document->measures->phases[phase]);
        char name[sizeof("phase") + 10]; /* digits of UINT32_MAX */

        g_snprintf(name, sizeof(name), "phase%u", phase + 1);
        dag__json_seconds(json, name, MAX(span_ns, 0));
    }
    dag__json_end_object(json);
}

static void
write_flags(JsonWriter *json, G_GNUC_UNUSED const char *key, const Document *document)
{
    size_t n_params;
    const DagParam *params = dag_graph_params(document->graph, &n_params);

    for (size_t i = 0; i < n_params; i++)
        if (!is_taken(params[i].name))
            dag__json_param(json, &params[i]);
}

/* Write the local time with microseconds and the offset from UTC. */
static void
write_timestamp(JsonWriter *json, const char *key, const Document *document)
{
    int64_t us = dag_run_started_us(document->run);
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_local(us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) time = g_date_time_add(second, us % G_USEC_PER_SEC);
    g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S.%f%:z");

    dag__json_string(json, key, text);
}

static void
write_version(JsonWriter *json, const char *key, G_GNUC_UNUSED const Document *document)
{
    dag__json_integer(json, key, 1);
}

static void
write_graph(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_string(json, key, dag_graph_name(document->graph));
}

/* Only in simulated runs: their times are virtual. */
static void
write_simulated(JsonWriter *json, const char *key, const Document *document)
{
    if (dag_run_is_simulated(document->run))
        dag__json_boolean(json, key, true);
}

static void
write_strategy(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_string(json, key, dag_run_strategy(document->run)->name);
}

static void
write_search(JsonWriter *json, const char *key, const Document *document)
{
    DagSearch search = dag_run_search(document->run);

    dag__json_search(json, key, &search);
}

static void
write_workers(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_integer(json, key, dag_run_n_workers(document->run));
}

static void
write_connections(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_integer(json, key, dag_run_n_connections(document->run));
}

static void
write_keep_going(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_boolean(json, key, dag_run_keeps_going(document->run));
}

static void
write_retries(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_integer(json, key, dag_run_retries(document->run));
}

static void
write_grace(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_seconds(json, key, dag_run_grace_ns(document->run));
}

/* Most readers parse integers as signed 64 bits; a larger seed is written as a string, so that it
 * keeps its value. */
static void
write_seed(JsonWriter *json, const char *key, const Document *document)
{
    uint64_t seed = dag_run_seed(document->run);
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, seed);

    if (seed <= INT64_MAX)
        dag__json_integer(json, key, (int64_t)seed);
    else
        dag__json_string(json, key, digits);
}

static void
write_succeeded(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_boolean(json, key, dag_run_succeeded(document->run));
}

static void
write_signal(JsonWriter *json, const char *key, const Document *document)
{
    int number = dag_run_signal(document->run);

    if (number != 0)
        dag__json_integer(json, key, number);
    else
        dag__json_string(json, key, NULL);
}

static const char *const stop_names[] = {
    [DAG_STOP_NONE] = NULL,
    [DAG_STOP_FAILURE] = "failure",
    [DAG_STOP_CANCEL] = "cancel",
    [DAG_STOP_TIMEOUT] = "timeout",
};

static void
write_stop(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_string(json, key, stop_names[dag_run_stop(document->run)]);
}

static void
write_stops(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_begin_array(json, key);
    for (DagStop reason = DAG_STOP_FAILURE; reason <= DAG_STOP_TIMEOUT; reason++)
        if (dag_run_stopped_by(document->run, reason))
            dag__json_string(json, NULL, stop_names[reason]);
    dag__json_end_array(json);
}

static void
write_timeout(JsonWriter *json, const char *key, const Document *document)
{
    int64_t ns = dag_run_timeout_ns(document->run);

    if (ns > 0)
        dag__json_seconds(json, key, ns);
    else
        dag__json_string(json, key, NULL);
}

static void
write_makespan(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_seconds(json, key, dag_run_makespan_ns(document->run));
}

static void
write_lower_bound(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_seconds(json, key, document->measures->lower_bound_ns);
}

/* Only for a run with barriers. */
static void
write_without_barriers(JsonWriter *json, const char *key, const Document *document)
{
    int64_t ns = dag__advice_without_barriers_ns(document->run);

    if (ns >= 0)
        dag__json_seconds(json, key, ns);
}

/* Write the capacity that decides the lower bound. */
static void
write_bound_cause(JsonWriter *json, const char *key, const Document *document)
{
    g_autofree char *word = dag__bound_word(document->graph, &document->measures->bound);

    dag__json_string(json, key, word);
}

static void
write_counts(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_begin_object(json, key);
    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++)
        dag__json_integer(json, dag_outcome_name(outcome),
                          (int64_t)dag_run_count(document->run, outcome));
    dag__json_end_object(json);
}

static void
write_allowed(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_integer(json, key, (int64_t)dag_run_n_allowed(document->run));
}

/* Only in runs that sent requests. */
static void
write_traffic(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_traffic(json, key, document->run);
}

static void
write_pools(JsonWriter *json, const char *key, const Document *document)
{
    size_t n;
    const DagPool *pools = dag_graph_pools(document->graph, &n);

    dag__json_begin_array(json, key);
    for (size_t i = 0; i < n; i++) {
        dag__json_begin_object(json, NULL);
        dag__json_pool(json, &pools[i]);
        dag__json_seconds(json, "lower_bound_seconds", document->measures->pool_ns[i]);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_phases(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_begin_array(json, key);
    for (uint32_t number = 0; number < dag_plan_n_phases(document->plan); number++) {
        const PhaseMeasures *phase = &document->measures->phases[number];
        const char *title = dag_plan_phase_title(document->plan, number);

        dag__json_begin_object(json, NULL);
        dag__json_integer(json, "number", number + 1);
        if (title)
            dag__json_string(json, "title", title);
        dag__json_integer(json, "tasks",
                          (int64_t)dag_plan_phase_tasks(document->plan, number).n);
        if (phase->start_ns >= 0) {
            dag__json_seconds(json, "start_seconds", phase->start_ns);
            dag__json_seconds(json, "end_seconds", phase->end_ns);
        }
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_excluded(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_excluded(json, key, document->graph);
}

static void
write_params(JsonWriter *json, const char *key, const Document *document)
{
    dag__json_params(json, key, document->graph);
}

static void
write_attempts(JsonWriter *json, const Document *document, DagTaskId id)
{
    unsigned n = dag_run_record(document->run, id).n_attempts;

    dag__json_seconds(json, "busy_seconds", dag_run_busy_ns(document->run, id));
    dag__json_begin_array(json, "attempts");
    for (unsigned i = 0; i < n; i++) {
        DagAttempt attempt = dag_run_attempt(document->run, id, i);

        dag__json_begin_object(json, NULL);
        dag__json_end(json, attempt.outcome, attempt.reason, attempt.exit_code);
        dag__json_seconds(json, "start_seconds", attempt.start_ns);
        dag__json_seconds(json, "end_seconds", attempt.end_ns);
        if (!dag__is_on_connection(document->run, id))
            dag__json_integer(json, "worker", attempt.worker);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

/* Where its result came from, or why it ran although a memory was asked. */
static void
write_reuse(JsonWriter *json, const Document *document, DagTaskId id)
{
    bool is_reused = dag_run_record(document->run, id).outcome == DAG_REUSED;
    const char *reuse = dag_run_reuse(document->run, id);

    if (reuse)
        dag__json_string(json, is_reused ? "reused_from" : "not_reused", reuse);
}

static void
write_task(JsonWriter *json, const Document *document, DagTaskId id)
{
    DagRecord record = dag_run_record(document->run, id);

    dag__json_begin_object(json, NULL);
    dag__json_string(json, "id", dag_graph_task_name(document->graph, id));
    dag__json_integer(json, "phase", dag_plan_phase(document->plan, id) + 1);
    dag__json_end(json, record.outcome, dag_run_reason(document->run, id),
                  record.exit_code);
    write_reuse(json, document, id);
    if (dag__is_allowed(document->run, id))
        dag__json_boolean(json, "allowed", true);
    if (record.start_ns >= 0) {
        dag__json_seconds(json, "start_seconds", record.start_ns);
        dag__json_seconds(json, "end_seconds", record.end_ns);
        dag__json_seconds(json, "duration_seconds", record.end_ns - record.start_ns);
        if (!dag__is_on_connection(document->run, id))
            dag__json_integer(json, "worker", record.worker);
    }
    if (record.n_attempts > 1)
        write_attempts(json, document, id);
    if (dag_run_is_kept(document->run, id))
        dag__json_boolean(json, "kept", true);
    dag__json_requests(json, document->run, id);
    dag__json_usage(json, document->run, id);
    if (dag_plan_cost_is_known(document->plan, id))
        dag__json_number(json, "cost", dag_plan_cost(document->plan, id));
    else
        dag__json_string(json, "cost", NULL);
    dag__json_end_object(json);
}

static void
write_tasks(JsonWriter *json, const char *key, const Document *document)
{
    DagIds declared = dag_graph_declared(document->graph);

    dag__json_begin_array(json, key);
    for (size_t i = 0; i < declared.n && !json->stream->is_over; i++)
        write_task(json, document, declared.ids[i]);
    dag__json_end_array(json);
}

static const Member members[] = {
    {"overall_duration_seconds", write_duration},
    {"overall_duration_minutes", write_minutes},
    {"phase_timings", write_phase_timings},
    {NULL, write_flags},
    {"timestamp", write_timestamp},
    {"format_version", write_version},
    {"graph", write_graph},
    {"simulated", write_simulated},
    {"strategy", write_strategy},
    {"search", write_search},
    {"workers", write_workers},
    {"connections", write_connections},
    {"seed", write_seed},
    {"keep_going", write_keep_going},
    {"default_retries", write_retries},
    {"grace_seconds", write_grace},
    {"succeeded", write_succeeded},
    {"stopped_by", write_stop},
    {"stop_reasons", write_stops},
    {"signal", write_signal},
    {"timeout_seconds", write_timeout},
    {"makespan_seconds", write_makespan},
    {"critical_path_strategy_seconds", write_without_barriers},
    {"lower_bound_seconds", write_lower_bound},
    {"lower_bound_by", write_bound_cause},
    {"counts", write_counts},
    {"allowed_failures", write_allowed},
    {"network", write_traffic},
    {"pools", write_pools},
    {"phases", write_phases},
    {"excluded", write_excluded},
    {"parameters", write_params},
    {"tasks", write_tasks},
};

/* Return true if `name` is a key of the top level. */
static bool
is_taken(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (g_strcmp0(members[i].key, name) == 0)
            return true;
    return false;
}

static void
write_run(const DagRun *run, Stream *stream)
{
    g_autoptr(Measures) measures = dag__measures_new(run);
    const DagPlan *plan = dag_run_plan(run);
    Document document = {run, plan, dag_plan_graph(plan), measures};
    JsonWriter json = {.stream = stream};

    dag__json_begin_object(&json, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        members[i].write(&json, members[i].key, &document);
    dag__json_end_object(&json);
}

void
dag_report_run_json(const DagRun *run, GString *out)
{
    g_return_if_fail(run && out);
    write_run(run, &(Stream){.text = out});
}

void
dag_report_run_json_to(const DagRun *run, const DagReportSink *sink)
{
    g_return_if_fail(run && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    write_run(run, &stream);
}
