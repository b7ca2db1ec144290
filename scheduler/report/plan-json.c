/* SPDX-License-Identifier: MIT */
/*
 * The plan as JSON: tasks have names instead of ids, phases are numbered from 1.
 */
#include "report/causes.h"
#include "report/json.h"
#include "report/measures.h"
#include "report/placements.h"

#include <dagrun/report.h>

static void
write_phases(JsonWriter *json, const DagPlan *plan)
{
    dag__json_begin_array(json, "phases");
    for (uint32_t phase = 0; phase < dag_plan_n_phases(plan); phase++) {
        const char *title = dag_plan_phase_title(plan, phase);

        dag__json_begin_object(json, NULL);
        dag__json_integer(json, "number", phase + 1);
        if (title)
            dag__json_string(json, "title", title);
        dag__json_names(json, "tasks", dag_plan_graph(plan),
                        dag_plan_phase_tasks(plan, phase));
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_codes(JsonWriter *json, const char *key, const DagCodes *codes)
{
    dag__json_begin_array(json, key);
    for (int code = 0; code < 256; code++)
        if (dag_codes_has(codes, code))
            dag__json_integer(json, NULL, code);
    dag__json_end_array(json);
}

static void
write_paths(JsonWriter *json, const char *key, const char *const *paths, size_t n)
{
    dag__json_begin_array(json, key);
    for (size_t i = 0; i < n; i++)
        dag__json_string(json, NULL, paths[i]);
    dag__json_end_array(json);
}

/* Write the declared limits; keys are the names of the attributes. */
static void
write_policy(JsonWriter *json, const DagPolicy *policy)
{
    if (policy->timeout_ns > 0)
        dag__json_seconds(json, "timeout", policy->timeout_ns);
    if (policy->retries != 0)
        dag__json_integer(json, "retries", dag_given(policy->retries, 0));
    if (policy->retry_delay_ns != 0)
        dag__json_seconds(json, "retry_delay", dag_given(policy->retry_delay_ns, 0));
    if (policy->limits_retries)
        write_codes(json, "retry_on", &policy->retry_on);
    if (policy->limits_success)
        write_codes(json, "expect", &policy->expect);
    if (policy->print != DAG_PRINT_UNREAD)
        dag__json_boolean(json, "print", policy->print == DAG_PRINT_ALWAYS);
    if (policy->allow_failure)
        dag__json_boolean(json, "allow_failure", true);
    if (policy->always)
        dag__json_boolean(json, "always", true);
    if (policy->cache_ns == INT64_MAX)
        dag__json_string(json, "cache", "forever");
    else if (policy->cache_ns > 0)
        dag__json_seconds(json, "cache", policy->cache_ns);
}

static void
write_uses(JsonWriter *json, const DagGraph *graph, DagTaskId id)
{
    size_t n_pools, n;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses = dag_graph_task_uses(graph, id, &n);

    if (n == 0)
        return;
    dag__json_begin_object(json, "uses");
    for (size_t i = 0; i < n; i++)
        dag__json_integer(json, pools[uses[i].pool].name, uses[i].slots);
    dag__json_end_object(json);
}

static void
write_pools(JsonWriter *json, const DagGraph *graph)
{
    size_t n;
    const DagPool *pools = dag_graph_pools(graph, &n);

    dag__json_begin_array(json, "pools");
    for (size_t i = 0; i < n; i++) {
        dag__json_begin_object(json, NULL);
        dag__json_pool(json, &pools[i]);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_task(JsonWriter *json, const DagPlan *plan, DagTaskId id, bool is_critical)
{
    bool all_known = dag_plan_n_unknown_costs(plan) == 0;
    const DagGraph *graph = dag_plan_graph(plan);
    const char *name = dag_graph_task_name(graph, id);
    const char *title = dag_graph_task_title(graph, id);
    const DagTaskFiles *files = dag_graph_task_files(graph, id);

    dag__json_begin_object(json, NULL);
    dag__json_string(json, "id", name);
    if (!g_str_equal(title, name))
        dag__json_string(json, "title", title);
    dag__json_integer(json, "phase", dag_plan_phase(plan, id) + 1);
    dag__json_string(json, "kind", dag_graph_task_kind(graph, id)->name);
    dag__json_names(json, "needs", graph, dag_graph_predecessors(graph, id));
    dag__json_boolean(json, "critical", is_critical);
    if (dag_plan_cost_is_known(plan, id))
        dag__json_number(json, "cost", dag_plan_cost(plan, id));
    else
        dag__json_string(json, "cost", NULL);
    dag__json_cost_or_null(json, "rank", dag_plan_rank_is_known(plan, id),
                           dag_plan_rank(plan, id));
    dag__json_cost_or_null(json, "earliest_start", dag_plan_start_is_known(plan, id),
                           dag_plan_earliest_start(plan, id));
    dag__json_cost_or_null(json, "latest_start", all_known,
                           dag_plan_latest_start(plan, id));
    dag__json_cost_or_null(json, "slack", all_known, dag_plan_slack(plan, id));
    if (dag_graph_task_priority(graph, id) != 0)
        dag__json_integer(json, "priority", dag_graph_task_priority(graph, id));
    write_policy(json, dag_graph_task_policy(graph, id));
    if (files && files->n_inputs > 0)
        write_paths(json, "inputs", files->inputs, files->n_inputs);
    if (files && files->n_outputs > 0)
        write_paths(json, "outputs", files->outputs, files->n_outputs);
    write_uses(json, graph, id);
    dag__json_end_object(json);
}

static void
write_tasks(JsonWriter *json, const DagPlan *plan)
{
    DagIds declared = dag_graph_declared(dag_plan_graph(plan));
    g_autofree uint32_t *positions = dag__critical_positions(plan);

    dag__json_begin_array(json, "tasks");
    for (size_t i = 0; i < declared.n && !json->stream->is_over; i++)
        write_task(json, plan, declared.ids[i], positions[declared.ids[i]] > 0);
    dag__json_end_array(json);
}

/* Write the lower bound for a number of workers. */
static void
write_bound(JsonWriter *json, const DagPlan *plan, unsigned n_workers)
{
    DagBound bound = dag__bound_for(plan, n_workers);
    g_autofree char *word = dag__bound_word(dag_plan_graph(plan), &bound);
    bool all_known = dag_plan_n_unknown_costs(plan) == 0;

    dag__json_integer(json, "workers", n_workers);
    dag__json_cost_or_null(json, "lower_bound_seconds", all_known, bound.duration);
    dag__json_string(json, "lower_bound_by", all_known ? word : NULL);
}

static void
write_plan(const DagPlan *plan, unsigned n_workers, Stream *stream)
{
    const DagGraph *graph = dag_plan_graph(plan);
    JsonWriter json = {.stream = stream};
    bool all_known = dag_plan_n_unknown_costs(plan) == 0;

    dag__json_begin_object(&json, NULL);
    dag__json_integer(&json, "format_version", 1);
    dag__json_string(&json, "graph", dag_graph_name(graph));
    dag__json_string(&json, "phase_rule", dag_phase_rule_name(dag_plan_phase_rule(plan)));
    dag__json_integer(&json, "dependencies", (int64_t)dag_graph_n_dependencies(graph));
    dag__json_names(&json, "critical_path", graph, dag_plan_critical_path(plan));
    dag__json_cost_or_null(&json, "critical_path_seconds", all_known,
                           dag_plan_critical_path_length(plan));
    dag__json_cost_or_null(&json, "total_cost_seconds", all_known,
                           dag_plan_total_cost(plan));
    if (n_workers > 0)
        write_bound(&json, plan, n_workers);
    write_phases(&json, plan);
    dag__json_excluded(&json, "excluded", graph);
    dag__json_params(&json, "parameters", graph);
    write_pools(&json, graph);
    dag__json_machine(&json, plan);
    write_tasks(&json, plan);
    dag__json_end_object(&json);
}

void
dag_report_plan_json(const DagPlan *plan, GString *out)
{
    g_return_if_fail(plan && out);
    write_plan(plan, 0, &(Stream){.text = out});
}

void
dag_report_plan_json_to(const DagPlan *plan, const DagReportSink *sink)
{
    dag_report_plan_json_for(plan, 0, sink);
}

void
dag_report_plan_json_for(const DagPlan *plan, unsigned n_workers, const DagReportSink *sink)
{
    g_return_if_fail(plan && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);

    write_plan(plan, n_workers, &stream);
}
