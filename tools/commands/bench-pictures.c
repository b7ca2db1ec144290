/* SPDX-License-Identifier: MIT */
#include "commands/bench-pictures.h"

#include "commands/command.h"
#include "display/output.h"

#include <dagrun/report.h>

bool
bench_write_charts(const GPtrArray *benchmarks, const BenchOptions *options)
{
    OutputFile *file = options->svg ? output_file_open(options->svg) : NULL;

    if (!file)
        return !options->svg;
    dag_report_benchmarks_svg_to((const DagBenchmark *const *)(void *)benchmarks->pdata,
                                 benchmarks->len,
                                 &(DagReportSink){output_file_write, file});
    return output_file_close(file);
}

/* Return the run of the chart. */
static DagRun *
run_of(const DagBenchmark *benchmark, const BenchOptions *options, const DagCancel *cancel)
{
    const DagPlan *plan = dag_benchmark_plan(benchmark);
    const DagBenchmarkResult *best = &dag_benchmark_recommendation(benchmark)->best;
    const DagStrategy *strategy = options->gantt_strategy;
    unsigned n_workers = g_array_index(options->workers, unsigned, 0);

    if (best->strategy && !(options->jobs && options->workers->len == 1))
        n_workers = best->n_workers;
    if (!strategy)
        strategy =
            best->strategy ? best->strategy : options_strategy(NULL, dag_plan_graph(plan));
    return dag_simulate(plan, &(DagSimulateOptions){.strategy = strategy,
                                                    .n_workers = n_workers,
                                                    .n_connections = options->n_connections,
                                                    .seed = options->seed,
                                                    .budget_ns = options->budget_ns,
                                                    .cancel = cancel,
                                                    .retries = options->retries});
}

bool
bench_write_gantt(const DagBenchmark *benchmark, const BenchOptions *options,
                  const DagCancel *cancel)
{
    OutputFile *file = options->gantt ? output_file_open(options->gantt) : NULL;

    if (!file)
        return !options->gantt;

    g_autoptr(DagRun) run = run_of(benchmark, options, cancel);

    dag_report_gantt_to(run, &(DagReportSink){output_file_write, file});
    return output_file_close(file);
}
