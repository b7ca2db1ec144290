/* SPDX-License-Identifier: MIT */
/*
 * dagrun verify: checks the record of a run against the graph.
 */
#include "commands/as-run.h"
#include "commands/command.h"
#include "commands/options.h"
#include "display/output.h"

#include <string.h>

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
    g_autoptr(DagPastRun) past = NULL;
    g_autoptr(DagGraph) graph = NULL;
    g_autoptr(DagPlan) plan = NULL;
    g_autoptr(DagVerdict) verdict = NULL;
    int status;

    if (!options_enter(common, &status))
        return status;
    past = as_run_read(path);
    if (!past)
        return EXIT_INTERNAL;
    graph = as_run_load(common, past, &status);
    if (!graph)
        return status;
    plan = as_run_plan(common, graph, past);
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
    if (!options_have_no_costs(&common, "verify has no rule that depends on costs"))
        return EXIT_USAGE;
    path = take_record_name(&common);
    return path ? verify(&common, path, json) : EXIT_USAGE;
}
