/* SPDX-License-Identifier: MIT */
/*
 * dagrun verify: checks the record of a run against the graph.  The record tells with which parameters
 * and which tasks the graph was run; the phase rule is the one that gives the phases of the record.
 */
#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"
#include "formats/past-run.h"

#include <string.h>

/* Return whether one of the settings "NAME=…" is for the parameter. */
static bool
is_set(char *const *settings, const char *name)
{
    size_t length = strlen(name);

    for (; settings && *settings; settings++)
        if (strncmp(*settings, name, length) == 0 && (*settings)[length] == '=')
            return true;
    return false;
}

/* Give the parameters the values of the run, unless the command line gives others.  The record has no
 * values of secrets. */
static void
take_params(GraphOptions *options, const DagPastRun *past)
{
    GPtrArray *settings = g_ptr_array_new();

    for (char **setting = options->settings; setting && *setting; setting++)
        g_ptr_array_add(settings, *setting);
    for (guint i = 0; i < past->params->len; i++) {
        const DagPastParam *param = &g_array_index(past->params, DagPastParam, i);

        if (param->value && strcmp(param->value, "***") != 0 &&
            !is_set(options->settings, param->name) &&
            !is_set(options->set_env, param->name) &&
            !is_set(options->set_file, param->name))
            g_ptr_array_add(settings, g_strdup_printf("%s=%s", param->name, param->value));
    }
    g_ptr_array_add(settings, NULL);
    g_free(options->settings);
    options->settings = (char **)g_ptr_array_free(settings, FALSE);
}

/* Return whether the run has fewer tasks than the graph, and all of them are in the graph: it was a run
 * of selected tasks. */
static bool
is_selection(const DagGraph *graph, const DagPastRun *past)
{
    g_autoptr(GHashTable) names = NULL;
    size_t n_tasks = dag_graph_n_tasks(graph);

    if (past->tasks->len == 0 || past->tasks->len >= n_tasks)
        return false;
    names = g_hash_table_new(g_str_hash, g_str_equal);
    for (DagTaskId id = 0; id < n_tasks; id++)
        g_hash_table_add(names, (gpointer)dag_graph_task_name(graph, id));
    for (guint i = 0; i < past->tasks->len; i++)
        if (!g_hash_table_contains(names, dag_past_run_task(past, i)->id))
            return false;
    return true;
}

/* Select the tasks of the run. */
static void
select_tasks(GraphOptions *options, const DagPastRun *past)
{
    GPtrArray *words = g_ptr_array_new();

    g_ptr_array_add(words, g_strdup(options->words[0]));
    for (guint i = 0; i < past->tasks->len; i++)
        g_ptr_array_add(words, g_strdup(dag_past_run_task(past, i)->id));
    g_ptr_array_add(words, NULL);
    g_strfreev(options->words);
    options->words = (char **)g_ptr_array_free(words, FALSE);
}

/* Load the graph as it was run.  Returns: NULL after an error message, with *status_out set. */
static DagGraph *
load_as_run(GraphOptions *options, const DagPastRun *past, int *status_out)
{
    bool has_targets = options->words[1] != NULL;
    DagGraph *graph;

    take_params(options, past);
    graph = options_load(options, LOAD_TO_PLAN, status_out);
    if (!graph || has_targets || !is_selection(graph, past))
        return graph;
    dag_graph_free(graph);
    select_tasks(options, past);
    return options_load(options, LOAD_TO_PLAN, status_out);
}

/* Return whether the tasks of the run are in the phases of the plan. */
static bool
has_phases_of(const DagPlan *plan, const DagPastRun *past)
{
    DagIds declared = dag_graph_declared(dag_plan_graph(plan));

    for (size_t i = 0; i < declared.n && i < past->tasks->len; i++)
        if (dag_past_run_task(past, (uint32_t)i)->phase !=
            dag_plan_phase(plan, declared.ids[i]) + 1)
            return false;
    return true;
}

/* Return the plan by the rule that was asked for, or by the one that fits; else by the default. */
static DagPlan *
plan_as_run(const GraphOptions *options, const DagGraph *graph, const DagPastRun *past)
{
    for (int rule = 0; rule < DAG_N_PHASE_RULES && !options->rule_name; rule++) {
        DagPlan *plan = dag_plan_new(graph, (DagPhaseRule)rule, NULL);

        if (has_phases_of(plan, past))
            return plan;
        dag_plan_free(plan);
    }
    return dag_plan_new(graph, options->rule, NULL);
}

static void
print_verdict(const DagVerdict *verdict, const DagPastRun *past, const char *path)
{
    for (guint i = 0; i < verdict->findings->len; i++)
        output_print("%s: %s\n", path,
                     g_array_index(verdict->findings, DagFinding, i).text);
    if (verdict->n_findings > verdict->findings->len)
        output_print("%s: and %zu more findings\n", path,
                     verdict->n_findings - verdict->findings->len);
    if (verdict->n_findings == 0)
        output_print("%s: nothing found; checked %zu tasks with %zu attempts and %zu "
                     "dependencies%s\n",
                     path, verdict->n_tasks, verdict->n_attempts, verdict->n_dependencies,
                     dag_strategy_find(past->strategy)
                         ? ""
                         : ", but no barriers: the strategy is unknown");
}

/* Print why the file is no record.  Returns: the exit status. */
static int
complain_of_record(GError *error)
{
    g_autoptr(GError) owned = error;

    if (g_error_matches(owned, DAG_ERROR, DAG_ERROR_INVALID)) {
        diagnose("%s\n", owned->message); /* it begins with its location */
        output_flush_diagnostics();
    } else {
        complain("%s", owned->message);
    }
    return EXIT_INTERNAL;
}

/* Take the operand after the graph out of the words.  Returns: NULL after an error message. */
static char *
take_record_name(GraphOptions *options)
{
    char **words = options->words, *name = words[0] ? words[1] : NULL;

    if (!name) {
        complain("%s; see dagrun verify --help",
                 words[0] ? "no record of a run given" : "no graph given");
        return NULL;
    }
    for (size_t i = 1; words[i]; i++)
        words[i] = words[i + 1];
    return name;
}

/* Check the record, and print the verdict. */
static int
verify(GraphOptions *common, const char *path, bool json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagPastRun) past = NULL;
    g_autoptr(DagGraph) graph = NULL;
    g_autoptr(DagPlan) plan = NULL;
    g_autoptr(DagVerdict) verdict = NULL;
    int status;

    if (!options_enter(common, &status))
        return status;
    past = past_run_read(path, &error);
    if (!past)
        return complain_of_record(g_steal_pointer(&error));
    graph = load_as_run(common, past, &status);
    if (!graph)
        return status;
    plan = plan_as_run(common, graph, past);
    verdict = dag_verify(plan, past, 0);
    if (json) {
        DagReportSink sink = output_sink();

        dag_report_verdict_json_to(verdict, plan, &sink);
    } else {
        print_verdict(verdict, past, path);
    }
    return verdict->n_findings == 0 ? EXIT_GOOD : EXIT_TASK;
}

int
cmd_verify(char **argv)
{
    g_auto(GraphOptions) common = {.hides_warnings = true};
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const CommandLine line = {
        .usage = "GRAPH.xml RUN.json [TASK…]",
        .summary =
            "Checks the record of a run (--json, --timings) against its graph: whether "
            "every task ran when it might,\nand no more than workers, connections and "
            "pools "
            "allow.  Exits with status 1 if a rule was broken.\nParameters and TASKs are "
            "those "
            "of the record, unless they are given.",
        .entries = entries,
        .graph = &common,
    };
    g_autofree char *path = NULL;
    int status;

    if (!options_parse(&line, argv, &status))
        return status;
    if (common.set_cost) {
        complain("no rule depends on costs; verify has no --set-cost");
        return EXIT_USAGE;
    }
    path = take_record_name(&common);
    return path ? verify(&common, path, json) : EXIT_USAGE;
}
