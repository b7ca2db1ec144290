/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks as JSON.
 */
#include "report/benchmark-text.h"
#include "report/causes.h"
#include "report/json.h"
#include "report/placements.h"

static void
write_result(JsonWriter *json, const DagBenchmark *benchmark,
             const DagBenchmarkResult *result)
{
    dag__json_begin_object(json, NULL);
    dag__json_string(json, "strategy", result->strategy->name);
    dag__json_boolean(json, "succeeded", result->succeeded);
    if (result->search.is_search)
        dag__json_search(json, "search", &result->search);
    if (result->succeeded) {
        dag__json_seconds(json, "makespan_seconds", result->makespan_ns);
        dag__json_number(json, "gap", result->excess);
        dag__json_number(json, "speed_up", result->speed_up);
        dag__json_number(json, "efficiency", result->efficiency);
        dag__json_seconds(json, "idle_seconds", result->idle_ns);
        if (result->unbarred_ns >= 0)
            dag__json_seconds(json, "without_barriers_seconds", result->unbarred_ns);
    }
    if (dag_benchmark_n_samples(benchmark) > 0) {
        dag__json_integer(json, "samples_succeeded", result->n_succeeded);
        if (result->n_succeeded > 0) {
            dag__json_seconds(json, "median_seconds", result->median_ns);
            dag__json_seconds(json, "p95_seconds", result->late_ns);
            dag__json_seconds(json, "least_seconds", result->least_ns);
            dag__json_seconds(json, "most_seconds", result->most_ns);
        }
    }
    dag__json_end_object(json);
}

static void
write_bound(JsonWriter *json, const DagBenchmark *benchmark, const DagBound *bound)
{
    const DagGraph *graph = dag_plan_graph(dag_benchmark_plan(benchmark));
    g_autofree char *word = dag__bound_word(graph, bound);

    dag__json_cost(json, "lower_bound_seconds", bound->duration);
    dag__json_string(json, "lower_bound_by", word);
}

static void
write_counts(JsonWriter *json, const DagBenchmark *benchmark)
{
    dag__json_begin_array(json, "cases");
    for (size_t c = 0; c < dag_benchmark_n_counts(benchmark); c++) {
        DagBound bound = dag_benchmark_bound(benchmark, c);
        double guarantee = dag_plan_guarantee(dag_benchmark_plan(benchmark),
                                              dag_benchmark_workers(benchmark, c));

        dag__json_begin_object(json, NULL);
        dag__json_integer(json, "workers", dag_benchmark_workers(benchmark, c));
        write_bound(json, benchmark, &bound);
        if (guarantee > 0)
            dag__json_number(json, "guarantee", guarantee);
        dag__json_begin_array(json, "results");
        for (size_t s = 0; s < dag_benchmark_n_strategies(benchmark); s++)
            write_result(json, benchmark, dag_benchmark_result(benchmark, s, c));
        dag__json_end_array(json);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

static void
write_recommendation(JsonWriter *json, const DagBenchmark *benchmark)
{
    const DagRecommendation *it = dag_benchmark_recommendation(benchmark);

    if (!it->best.strategy) {
        dag__json_string(json, "recommendation", NULL);
        return;
    }
    dag__json_begin_object(json, "recommendation");
    dag__json_string(json, "strategy", it->best.strategy->name);
    dag__json_integer(json, "workers", it->best.n_workers);
    dag__json_seconds(json, "makespan_seconds", it->best.makespan_ns);
    write_bound(json, benchmark, &it->bound);
    dag__json_number(json, "gap", it->best.excess);
    dag__json_begin_array(json, "ties");
    for (size_t i = 0; i < it->n_ties; i++)
        dag__json_string(json, NULL, it->ties[i]->name);
    dag__json_end_array(json);
    if (it->enough > 0) {
        dag__json_integer(json, "enough_workers", it->enough);
        dag__json_seconds(json, "enough_makespan_seconds", it->enough_ns);
    }
    if (it->best.n_succeeded > 0 && !dag_benchmark_is_measured(benchmark))
        dag__json_string(json, "best_under_noise",
                         it->steadier.strategy ? it->steadier.strategy->name
                                               : it->best.strategy->name);
    dag__json_end_object(json);
}

static void
write_noise(JsonWriter *json, const DagBenchmark *benchmark)
{
    DagNoise noise = dag_benchmark_noise(benchmark);

    if (dag_benchmark_n_samples(benchmark) == 0 || dag_benchmark_is_measured(benchmark))
        return;
    dag__json_begin_object(json, "noise");
    dag__json_number(json, "sigma", noise.sigma);
    dag__json_number(json, "fail", noise.fail);
    dag__json_integer(json, "samples", dag_benchmark_n_samples(benchmark));
    dag__json_end_object(json);
}

static void
write_graph(JsonWriter *json, const DagBenchmark *benchmark)
{
    const DagPlan *plan = dag_benchmark_plan(benchmark);
    const DagGraph *graph = dag_plan_graph(plan);

    dag__json_begin_object(json, NULL);
    dag__json_string(json, "graph", dag_graph_name(graph));
    dag__json_string(json, "phase_rule", dag_phase_rule_name(dag_plan_phase_rule(plan)));
    dag__json_integer(json, "tasks", (int64_t)dag_graph_n_tasks(graph));
    dag__json_integer(json, "unknown_costs", (int64_t)dag_plan_n_unknown_costs(plan));
    dag__json_cost(json, "total_cost_seconds", dag_plan_total_cost(plan));
    dag__json_integer(
        json, "repeats",
        dag_benchmark_is_measured(benchmark) ? dag_benchmark_n_samples(benchmark) : 0);
    write_noise(json, benchmark);
    write_counts(json, benchmark);
    write_recommendation(json, benchmark);
    dag__json_machine(json, plan);
    dag__json_end_object(json);
}

static void
write_summary(JsonWriter *json, const DagBenchmark *const *benchmarks, size_t n)
{
    g_autoptr(GArray) tallies = dag__benchmark_tally(benchmarks, n);

    dag__json_begin_array(json, "summary");
    for (guint i = 0; i < tallies->len; i++) {
        const StrategyTally *tally = &g_array_index(tallies, StrategyTally, i);

        dag__json_begin_object(json, NULL);
        dag__json_string(json, "strategy", tally->strategy->name);
        dag__json_integer(json, "results", tally->n);
        dag__json_number(json, "mean_ratio", tally->mean_ratio);
        dag__json_integer(json, "wins", tally->n_wins);
        dag__json_end_object(json);
    }
    dag__json_end_array(json);
}

void
dag_report_benchmarks_json_to(const DagBenchmark *const *benchmarks, size_t n,
                              const DagReportSink *sink)
{
    g_return_if_fail((benchmarks || n == 0) && sink && sink->write);

    g_auto(Stream) stream = stream_to(sink);
    JsonWriter json = {.stream = &stream};

    dag__json_begin_object(&json, NULL);
    dag__json_integer(&json, "format_version", 1);
    dag__json_begin_array(&json, "graphs");
    for (size_t i = 0; i < n && !stream.is_over; i++)
        write_graph(&json, benchmarks[i]);
    dag__json_end_array(&json);
    write_summary(&json, benchmarks, n);
    dag__json_end_object(&json);
}
