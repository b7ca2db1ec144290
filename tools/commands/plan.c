/* SPDX-License-Identifier: MIT */
/*
 * dagrun plan: the results of static analysis: phases, costs, ranks, slack, bounds.
 */
#include "commands/command.h"
#include "commands/learned.h"
#include "commands/options.h"
#include "display/output.h"
#include "display/terminal.h"

#include <stdio.h>

typedef struct PlanOptions {
    gboolean json;
    gboolean dot;
    gboolean mermaid;
    char *jobs;
    char *color;

    unsigned n_workers; /* of the lower bound; 0: show none */
} PlanOptions;

static void
plan_options_clear(PlanOptions *options)
{
    g_free(options->jobs);
    g_free(options->color);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanOptions, plan_options_clear)

static void
write_plan(const DagPlan *plan, const PlanOptions *options, DagTextStyle style)
{
    DagReportSink sink = output_sink();
    g_autoptr(GString) machine = g_string_new(NULL);

    if (options->json)
        dag_report_plan_json_for(plan, options->n_workers, &sink);
    else if (options->dot)
        dag_report_plan_dot_to(plan, &sink);
    else if (options->mermaid)
        dag_report_plan_mermaid_to(plan, &sink);
    else {
        dag_report_plan_table_for(plan, options->n_workers, style, &sink);
        dag_report_placements(plan, style, machine);
        output_write(machine->str, machine->len);
    }
}

int
cmd_plan(char **argv)
{
    g_auto(GraphOptions) common = {0};
    g_auto(PlanOptions) options = {0};
    const GOptionEntry entries[] = {
        {"jobs", 'j', 0, G_OPTION_ARG_FILENAME, &options.jobs,
         "Show the lower bound for N workers", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "As JSON", NULL},
        {"dot", 0, 0, G_OPTION_ARG_NONE, &options.dot,
         "As Graphviz DOT: phases are clusters, the critical path is marked", NULL},
        {"mermaid", 0, 0, G_OPTION_ARG_NONE, &options.mermaid, "As a Mermaid diagram",
         NULL},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options.color,
         "Colour: auto (default), always or never", "WHEN"},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "GRAPH.xml [TASK…]",
        .summary =
            "Shows the phases of a graph, with cost, rank and slack of each task; nothing "
            "is run.\nWith TASKs, only these and what they need.",
        .entries = entries,
        .graph = &common,
        .learns = true,
    };
    DagTextStyle style = {0};
    int status;

    if (!options_parse(&line, argv, &status))
        return status;
    if (options.jobs && !options_read_jobs(options.jobs, &options.n_workers))
        return EXIT_USAGE;
    if (options.json + options.dot + options.mermaid > 1) {
        complain("only one of --json, --dot and --mermaid can be given");
        return EXIT_USAGE;
    }
    if (options.jobs && (options.dot || options.mermaid)) {
        complain("-j is for the table and for --json: diagrams show no lower bound");
        return EXIT_USAGE;
    }
    if (!terminal_style(options.color, stdout, &style))
        return EXIT_USAGE;

    g_autoptr(DagGraph) graph = options_load(&common, LOAD_TO_PLAN, &status);

    if (!graph)
        return status;

    g_autoptr(DagPlan) plan = options_plan(&common, graph);

    if (!plan)
        return EXIT_USAGE;

    learned_tell(&common, graph);
    style.secrets = output_secrets();
    write_plan(plan, &options, style);
    return EXIT_GOOD;
}
