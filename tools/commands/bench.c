/* SPDX-License-Identifier: MIT */
/*
 * dagrun bench: which strategy, with how many workers, how far from the best possible, and why.  The
 * comparison is dag_benchmark_new(); the programs in bench/ at the top of the source are another thing:
 * they compare dagrun with other tools.
 */
#include "commands/bench-options.h"
#include "commands/command.h"
#include "display/output.h"
#include "display/terminal.h"

#include <stdio.h>

static DagBenchmark *
compare(const DagPlan *plan, const BenchOptions *options)
{
    const GPtrArray *strategies = options->strategies;

    return dag_benchmark_new(
        plan,
        &(DagBenchmarkOptions){
            .strategies =
                strategies ? (const DagStrategy *const *)(void *)strategies->pdata : NULL,
            .n_strategies = strategies ? strategies->len : 0,
            .workers = (const unsigned *)(void *)options->workers->data,
            .n_counts = options->workers->len,
            .seed = options->seed,
        });
}

int
cmd_bench(char **argv)
{
    g_auto(BenchOptions) options = {0};
    DagTextStyle style = {0};
    int status;

    if (!bench_options_parse(&options, argv, &status))
        return status;
    if (!terminal_style(options.color, stdout, &style))
        return EXIT_USAGE;

    g_autoptr(DagGraph) graph = options_load(&options.graph, LOAD_TO_PLAN, &status);

    if (!graph)
        return status;

    g_autoptr(DagPlan) plan = dag_plan_new(graph, options.graph.rule, NULL);
    g_autoptr(DagBenchmark) benchmark = compare(plan, &options);
    DagReportSink sink = output_sink();

    style.secrets = output_secrets();
    dag_report_benchmark_table_to(benchmark, style, &sink);
    return EXIT_GOOD;
}
