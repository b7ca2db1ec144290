/* SPDX-License-Identifier: MIT */
/*
 * Explanations as JSON: those of tasks, or that of the whole plan.
 */
#include "report/causes.h"
#include "report/gains.h"
#include "report/json.h"
#include "report/measures.h"

#include <dagrun/explain.h>

static void
write_name(JsonWriter *json, const char *key, const DagGraph *graph, DagTaskId id)
{
    dag__json_string(json, key,
                     id == DAG_TASK_NONE ? NULL : dag_graph_task_name(graph, id));
}

static const char *
cause_name(DagPhaseCause cause)
{
    static const char *const names[] = {[DAG_PHASE_FIRST] = "first",
                                        [DAG_PHASE_AFTER] = "after",
                                        [DAG_PHASE_BEFORE] = "before",
                                        [DAG_PHASE_LAST] = "last",
                                        [DAG_PHASE_SHORTEST] = "shortest"};

    return names[cause];
}

/* Write the chain of reasons for a phase. */
static void
write_reasons(JsonWriter *json, const DagPlan *plan, DagTaskId id)
{
    const DagGraph *graph = dag_plan_graph(plan);

    dag__json_begin_array(json, "why_phase");
    while (id != DAG_TASK_NONE) {
        DagPhaseReason reason = dag_explain_phase(plan, id);

        dag__json_begin_object(json, NULL);
        write_name(json, "id", graph, id);
        dag__json_integer(json, "phase", dag_plan_phase(plan, id) + 1);
        dag__json_string(json, "cause", cause_name(reason.cause));
        write_name(json, "witness", graph, reason.witness);
        dag__json_end_object(json);
        id = reason.witness;
    }
    dag__json_end_array(json);
}

static void
write_task(JsonWriter *json, const DagPlan *plan, DagTaskId id, bool is_critical)
{
    const DagGraph *graph = dag_plan_graph(plan);
    bool all_known = dag_plan_n_unknown_costs(plan) == 0;

    dag__json_begin_object(json, NULL);
    write_name(json, "id", graph, id);
    dag__json_integer(json, "phase", dag_plan_phase(plan, id) + 1);
    write_reasons(json, plan, id);
    dag__json_cost_or_null(json, "cost", dag_plan_cost_is_known(plan, id),
                           dag_plan_cost(plan, id));
    dag__json_cost_or_null(json, "earliest_start", dag_plan_start_is_known(plan, id),
                           dag_plan_earliest_start(plan, id));
    write_name(json, "starts_after", graph, dag_explain_start(plan, id));
    dag__json_cost_or_null(json, "latest_start", all_known,
                           dag_plan_latest_start(plan, id));
    write_name(json, "longest_before", graph, dag_explain_finish(plan, id));
    dag__json_cost_or_null(json, "slack", all_known, dag_plan_slack(plan, id));
    dag__json_boolean(json, "critical", is_critical);
    dag__json_names(json, "needs", graph, dag_graph_predecessors(graph, id));
    dag__json_integer(json, "n_before", (int64_t)dag_explain_n_before(plan, id));
    dag__json_names(json, "unlocks", graph, dag_graph_successors(graph, id));
    dag__json_integer(json, "n_after", (int64_t)dag_explain_n_after(plan, id));
    dag__json_end_object(json);
}

static void
write_tasks(JsonWriter *json, const DagPlan *plan, const DagExplainOptions *options)
{
    g_autofree uint32_t *positions = dag__critical_positions(plan);

    dag__json_begin_array(json, "tasks");
    for (size_t i = 0; i < options->n_tasks; i++)
        write_task(json, plan, options->tasks[i], positions[options->tasks[i]] > 0);
    dag__json_end_array(json);
}

static void
write_gain(JsonWriter *json, const DagPlan *plan, DagTaskId id, const Gain *gain)
{
    dag__json_begin_object(json, NULL);
    write_name(json, "id", dag_plan_graph(plan), id);
    dag__json_cost_or_null(json, "cost", dag_plan_cost_is_known(plan, id),
                           dag_plan_cost(plan, id));
    dag__json_cost(json, "path_gain_half", gain->path_half);
    dag__json_cost(json, "path_gain_none", gain->path_none);
    dag__json_cost_or_null(json, "run_gain_half", gain->is_simulated, gain->run_half);
    dag__json_cost_or_null(json, "run_gain_none", gain->is_simulated, gain->run_none);
    dag__json_end_object(json);
}

static void
write_gains(JsonWriter *json, const DagPlan *plan, const Gains *gains)
{
    DagIds path = dag_plan_critical_path(plan);
    DagBound bound = dag__bound_for(plan, gains->n_workers);
    g_autofree char *word = dag__bound_word(dag_plan_graph(plan), &bound);

    dag__json_cost(json, "critical_path_seconds", dag_plan_critical_path_length(plan));
    dag__json_integer(json, "unknown_costs", (int64_t)dag_plan_n_unknown_costs(plan));
    dag__json_string(json, "strategy", gains->strategy->name);
    dag__json_integer(json, "workers", gains->n_workers);
    dag__json_cost(json, "lower_bound_seconds", bound.duration);
    dag__json_string(json, "lower_bound_by", word);
    dag__json_cost(json, "makespan_seconds", gains->makespan);
    dag__json_begin_array(json, "critical_path");
    for (size_t i = 0; i < path.n && !json->stream->is_over; i++)
        write_gain(json, plan, path.ids[i], &gains->of[i]);
    dag__json_end_array(json);
}

static void
write_redundancies(JsonWriter *json, const DagGraph *graph, const DagExplanation *facts)
{
    dag__json_begin_array(json, "redundant");
    for (size_t i = 0; i < facts->n_redundancies && !json->stream->is_over; i++) {
        dag__json_begin_object(json, NULL);
        write_name(json, "task", graph, facts->redundancies[i].task);
        write_name(json, "need", graph, facts->redundancies[i].need);
        write_name(json, "through", graph, facts->redundancies[i].through);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
    dag__json_integer(json, "searched", facts->n_searched);
}

static void
write_facts(JsonWriter *json, const DagPlan *plan, const DagExplanation *facts)
{
    const DagGraph *graph = dag_plan_graph(plan);

    write_redundancies(json, graph, facts);
    dag__json_begin_array(json, "serial_chains");
    for (size_t i = 0; i < facts->n_chains && !json->stream->is_over; i++)
        dag__json_names(json, NULL, graph, dag_explanation_chain(facts, i));
    dag__json_end_array(json);
    dag__json_begin_array(json, "single_phases");
    for (size_t i = 0; i < facts->n_single_phases; i++)
        dag__json_integer(json, NULL, facts->single_phases[i] + 1);
    dag__json_end_array(json);
}

void
dag_report_explanation_json_to(const DagPlan *plan, const DagExplainOptions *options,
                               const DagReportSink *sink)
{
    g_return_if_fail(plan && options && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_object(&json, NULL);
    dag__json_integer(&json, "format_version", 1);
    dag__json_string(&json, "graph", dag_graph_name(dag_plan_graph(plan)));
    dag__json_string(&json, "phase_rule", dag_phase_rule_name(dag_plan_phase_rule(plan)));
    if (options->n_tasks > 0) {
        write_tasks(&json, plan, options);
    } else {
        g_autoptr(DagExplanation) facts = dag_explain_plan(plan);
        g_autoptr(Gains) gains = dag__gains_new(plan, facts, options);

        write_gains(&json, plan, gains);
        write_facts(&json, plan, facts);
    }
    dag__json_end_object(&json);
}
