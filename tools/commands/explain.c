/* SPDX-License-Identifier: MIT */
/*
 * dagrun explain: why tasks are where they are in a plan, and what would make it shorter.
 */
#include "commands/as-run.h"
#include "commands/command.h"
#include "commands/learned.h"
#include "commands/options.h"
#include "display/output.h"
#include "display/terminal.h"

#include <string.h>

typedef struct ExplainOptions {
    GraphOptions graph;
    char *strategy_name;
    char *jobs;
    char *connections;
    char *after; /* the record of a run */
    char *color;
    gboolean json;

    const DagStrategy *strategy; /* NULL: that of the graph */
    unsigned n_workers;
    unsigned n_connections; /* 0: the default */
    char **names;           /* of the tasks to explain, NULL-terminated */
    GArray *tasks;          /* of DagTaskId: the same */
    DagTextStyle style;
} ExplainOptions;

static void
explain_options_clear(ExplainOptions *options)
{
    graph_options_clear(&options->graph);
    g_free(options->strategy_name);
    g_free(options->jobs);
    g_free(options->connections);
    g_free(options->after);
    g_free(options->color);
    g_strfreev(options->names);
    g_clear_pointer(&options->tasks, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExplainOptions, explain_options_clear)

/* Take the names of tasks from the operands: they select no part of the graph here. */
static void
take_names(ExplainOptions *options)
{
    char **words = options->graph.words;
    size_t n = words[0] ? g_strv_length(words) - 1 : 0;

    options->names = g_new0(char *, n + 1);
    for (size_t i = 0; i < n; i++)
        options->names[i] = g_steal_pointer(&words[i + 1]);
}

/* The strategy, workers and connections that were not given are those of the run to replay. */
static void
take_defaults(ExplainOptions *options)
{
    const DagPastRun *past = options->graph.past;

    if (past && !options->strategy)
        options->strategy = dag_strategy_find(past->strategy);
    if (past && !options->jobs)
        options->n_workers = past->n_workers;
    if (past && !options->connections)
        options->n_connections = past->n_connections;
}

/* Returns: false after an error message or --help, with *status_out set. */
static bool
parse(ExplainOptions *options, char **argv, int *status_out)
{
    const GOptionEntry entries[] = {
        {"jobs", 'j', 0, G_OPTION_ARG_FILENAME, &options->jobs,
         "Simulate N workers (default: the number of usable cores)", "N"},
        {"connections", 0, 0, G_OPTION_ARG_FILENAME, &options->connections,
         "Simulate N connections for requests (default: 64)", "N"},
        {"strategy", 0, 0, G_OPTION_ARG_FILENAME, &options->strategy_name,
         "Simulate this strategy (default: that of the graph)", "NAME"},
        {"after", 0, 0, G_OPTION_ARG_FILENAME, &options->after,
         "Explain the waiting in a run that has ended", "RUN.json"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "As JSON", NULL},
        {"color", 0, 0, G_OPTION_ARG_FILENAME, &options->color,
         "Colour: auto (default), always or never", "WHEN"},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "GRAPH.xml [TASK…]",
        .summary =
            "Explains a plan: what would make it shorter, and what is there without need.\n"
            "With TASKs, explains these: why each is in its phase, when it can start, "
            "what\n"
            "it waits for and what it unlocks.  Nothing is run.",
        .entries = entries,
        .graph = &options->graph,
        .learns = true,
    };

    if (!options_parse(&line, argv, status_out))
        return false;
    *status_out = EXIT_USAGE;
    if (options->after &&
        (options->jobs || options->connections || options->strategy_name ||
         options->graph.set_cost || options->graph.replay_path)) {
        complain("--after explains a run as it was; it takes no -j, --connections, "
                 "--strategy, --set-cost and --replay");
        return false;
    }
    if (!options->after)
        take_names(options);
    return options_find_strategy(options->strategy_name, &options->strategy) &&
           options_read_jobs(options->jobs, &options->n_workers) &&
           options_read_connections(options->connections, &options->n_connections) &&
           terminal_style(options->color, stdout, &options->style);
}

/* Find the tasks of the command line.
 * Returns: false after an error message. */
static bool
find_tasks(ExplainOptions *options, const DagGraph *graph)
{
    options->tasks = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    for (char **name = options->names; *name; name++) {
        DagTaskId id = dag_graph_find(graph, *name);

        if (id == DAG_TASK_NONE) {
            complain_of_task(graph, *name);
            return false;
        }
        g_array_append_val(options->tasks, id);
    }
    return true;
}

static void
explain(const DagPlan *plan, const ExplainOptions *options)
{
    DagReportSink sink = output_sink();
    DagExplainOptions wanted = {
        .tasks = (const DagTaskId *)(void *)options->tasks->data,
        .n_tasks = options->tasks->len,
        .strategy = options_strategy(options->strategy, dag_plan_graph(plan)),
        .n_workers = options->n_workers,
        .n_connections = options->n_connections,
        .replay = options->graph.replay,
    };

    if (options->json)
        dag_report_explanation_json_to(plan, &wanted, &sink);
    else
        dag_report_explanation_to(plan, &wanted, options->style, &sink);
}

/* Explain the waiting in a run that has ended.  Returns: the exit status. */
static int
explain_run(ExplainOptions *options)
{
    g_autoptr(DagPastRun) past = NULL;
    g_autoptr(DagGraph) graph = NULL;
    g_autoptr(DagPlan) plan = NULL;
    DagReportSink sink = output_sink();
    int status;

    if (!options_enter(&options->graph, &status))
        return status;
    past = as_run_read(options->after);
    if (!past)
        return EXIT_INTERNAL;
    graph = as_run_load(&options->graph, past, &status);
    if (!graph)
        return status;
    plan = as_run_plan(&options->graph, graph, past);
    options->style.secrets = output_secrets();
    if (options->json)
        dag_report_delays_json_to(plan, past, &sink);
    else
        dag_report_delays_to(plan, past, options->style, &sink);
    return EXIT_GOOD;
}

int
cmd_explain(char **argv)
{
    g_auto(ExplainOptions) options = {0};
    int status;

    if (!parse(&options, argv, &status))
        return status;
    if (options.after)
        return explain_run(&options);

    g_autoptr(DagGraph) graph = options_load(&options.graph, LOAD_TO_PLAN, &status);

    if (!graph)
        return status;
    if (!find_tasks(&options, graph))
        return EXIT_USAGE;

    g_autoptr(DagPlan) plan = options_plan(&options.graph, graph);

    if (!plan)
        return EXIT_USAGE;

    learned_tell(&options.graph, graph);
    take_defaults(&options);
    options.style.secrets = output_secrets();
    explain(plan, &options);
    return EXIT_GOOD;
}
