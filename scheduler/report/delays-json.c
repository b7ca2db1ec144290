/* SPDX-License-Identifier: MIT */
/*
 * Causes of waiting as JSON.
 */
#include "report/json.h"
#include "report/simulated-again.h"

#include <dagrun/delays.h>
#include <dagrun/report.h>

static void
write_steps(JsonWriter *json, const DagGraph *graph, const DagDelays *delays)
{
    dag__json_begin_array(json, "realised_critical_path");
    for (size_t i = 0; i < delays->n_steps && !json->stream->is_over; i++) {
        const DagDelayStep *step = &delays->steps[i];

        dag__json_begin_object(json, NULL);
        dag__json_string(json, "id", dag_graph_task_name(graph, step->task));
        dag__json_seconds(json, "start_seconds", step->start_ns);
        dag__json_seconds(json, "end_seconds", step->end_ns);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_delay(JsonWriter *json, const DagGraph *graph, DagTaskId id, const DagDelay *delay)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    bool is_of_pool = delay->cause == DAG_DELAY_POOL || delay->cause == DAG_DELAY_RATE;

    dag__json_begin_object(json, NULL);
    dag__json_string(json, "id", dag_graph_task_name(graph, id));
    dag__json_seconds(json, "ready_seconds", delay->ready_ns);
    dag__json_string(json, "cause", dag_delay_cause_name(delay->cause));
    dag__json_string(json, "by",
                     delay->by == DAG_TASK_NONE ? NULL
                                                : dag_graph_task_name(graph, delay->by));
    dag__json_string(json, "pool", is_of_pool ? pools[delay->pool].name : NULL);
    dag__json_seconds(json, "barrier_seconds", delay->barrier_ns);
    dag__json_seconds(json, "capacity_seconds", delay->capacity_ns);
    dag__json_seconds(json, "other_seconds", delay->other_ns);
    dag__json_seconds(json, "pause_seconds", delay->pause_ns);
    dag__json_end_object(json);
}

static void
write_tasks(JsonWriter *json, const DagGraph *graph, const DagDelays *delays)
{
    DagIds declared = dag_graph_declared(graph);

    dag__json_begin_array(json, "tasks");
    for (size_t i = 0; i < declared.n && !json->stream->is_over; i++)
        if (delays->of[declared.ids[i]].ready_ns >= 0)
            write_delay(json, graph, declared.ids[i], &delays->of[declared.ids[i]]);
    dag__json_end_array(json);
}

void
dag_report_delays_json_to(const DagPlan *plan, const DagPastRun *past,
                          const DagReportSink *sink)
{
    g_return_if_fail(plan && past && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};
    const DagGraph *graph = dag_plan_graph(plan);
    g_autoptr(DagDelays) delays = dag_delays_new(plan, past);
    int64_t replay_ns = dag__replay_ns(plan, past);

    dag__json_begin_object(&json, NULL);
    dag__json_integer(&json, "format_version", 1);
    dag__json_string(&json, "graph", dag_graph_name(graph));
    dag__json_string(&json, "strategy", past->strategy);
    dag__json_integer(&json, "workers", past->n_workers);
    dag__json_seconds(&json, "makespan_seconds", delays->makespan_ns);
    if (replay_ns >= 0)
        dag__json_seconds(&json, "simulated_makespan_seconds", replay_ns);
    else
        dag__json_string(&json, "simulated_makespan_seconds", NULL);
    write_steps(&json, graph, delays);
    write_tasks(&json, graph, delays);
    dag__json_end_object(&json);
}
