/* SPDX-License-Identifier: MIT */
/*
 * Events as lines of JSON, one object each.
 */
#include "report/json.h"
#include "report/measures.h"

/* The names of the events that are written; the others are about text and the passing of time. */
static const char *const names[] = {
    [DAG_EVENT_RUN_STARTED] = "run-started",
    [DAG_EVENT_PHASE_STARTED] = "phase-started",
    [DAG_EVENT_TASK_STARTED] = "task-started",
    [DAG_EVENT_ATTEMPT_FAILED] = "attempt-failed",
    [DAG_EVENT_ATTEMPT_WITHDRAWN] = "attempt-withdrawn",
    [DAG_EVENT_TASK_FINISHED] = "task-finished",
    [DAG_EVENT_PHASE_FINISHED] = "phase-finished",
    [DAG_EVENT_CANCELLED] = "cancelled",
    [DAG_EVENT_RUN_FINISHED] = "run-finished",
};

static void
write_run(JsonWriter *json, const DagRun *run)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));

    dag__json_string(json, "graph", dag_graph_name(graph));
    dag__json_integer(json, "tasks", (int64_t)dag_graph_n_tasks(graph));
    dag__json_string(json, "strategy", dag_run_strategy(run)->name);
    dag__json_integer(json, "workers", dag_run_n_workers(run));
}

static void
write_finished(JsonWriter *json, const DagEvent *event)
{
    DagRecord record = dag_run_record(event->run, event->task);

    dag__json_end(json, record.outcome, dag_run_reason(event->run, event->task),
                  record.exit_code);
    if (record.n_attempts == 0)
        return;
    dag__json_integer(json, "attempts", record.n_attempts);
    dag__json_seconds(json, "duration_seconds", record.end_ns - record.start_ns);
    if (!dag__is_on_connection(event->run, event->task))
        dag__json_integer(json, "worker", record.worker);
}

/* Write the members of a task's event. */
static void
write_task(JsonWriter *json, const DagEvent *event)
{
    const DagPlan *plan = dag_run_plan(event->run);

    dag__json_string(json, "task", dag_graph_task_name(dag_plan_graph(plan), event->task));
    if (event->type == DAG_EVENT_TASK_FINISHED) {
        write_finished(json, event);
        return;
    }
    dag__json_integer(json, "attempt", event->attempt);
    if (event->type == DAG_EVENT_TASK_STARTED)
        return;
    if (event->failed)
        dag__json_end(json, event->failed->outcome, event->failed->reason,
                      event->failed->exit_code);
    dag__json_seconds(json, "pause_seconds", event->pause_ns);
    if (event->pool)
        dag__json_string(json, "pool", event->pool);
}

static void
write_members(JsonWriter *json, const DagEvent *event)
{
    if (event->type == DAG_EVENT_RUN_STARTED)
        write_run(json, event->run);
    else if (event->type == DAG_EVENT_RUN_FINISHED)
        dag__json_boolean(json, "succeeded", dag_run_succeeded(event->run));
    else if (event->type == DAG_EVENT_PHASE_STARTED ||
             event->type == DAG_EVENT_PHASE_FINISHED)
        dag__json_integer(json, "phase", event->phase + 1);
    else if (event->task != DAG_TASK_NONE)
        write_task(json, event);
}

void
dag_report_event_json(const DagEvent *event, GString *out)
{
    g_return_if_fail(event && out);

    Stream stream = {.text = out};
    JsonWriter json = {.stream = &stream, .shared_depth = 1};

    if ((size_t)event->type >= G_N_ELEMENTS(names) || !names[event->type])
        return;
    dag__json_begin_object(&json, NULL);
    dag__json_string(&json, "event", names[event->type]);
    dag__json_seconds(&json, "time_seconds", event->time_ns);
    write_members(&json, event);
    dag__json_end_object(&json);
}
