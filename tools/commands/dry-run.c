/* SPDX-License-Identifier: MIT */
/*
 * dag_execute_order() uses the ready set of a real run, so the order is that of a real run.
 */
#include "commands/dry-run.h"

#include "display/output.h"

#include <dagrun/dagrun.h>
#include <string.h>

static void
print_indented(const char *text)
{
    for (const char *end; *text; text = end) {
        end = strchrnul(text, '\n');
        output_write("    ", 4);
        output_write(text, (size_t)(end - text));
        output_write("\n", 1);
        end += *end == '\n';
    }
}

/* `text` is a scratch buffer. */
static void
print_task(const DagGraph *graph, DagTaskId id, GString *text)
{
    const char *name = dag_graph_task_name(graph, id);
    const DagTemplate *dir = dag_graph_task_dir(graph, id);
    size_t n_variables;
    const DagVariable *variables = dag_graph_task_variables(graph, id, &n_variables);

    g_string_truncate(text, 0);
    dag_report_limits(graph, id, text);
    if (text->len > 0) {
        g_string_prepend(text, "# ");
        g_string_append_c(text, '\n');
    }
    if (dir) {
        g_string_append(text, "cd ");
        dag_graph_describe(graph, dir, text);
        g_string_append_c(text, '\n');
    }
    for (size_t i = 0; i < n_variables; i++) {
        g_string_append_printf(text, "%s=", variables[i].name);
        dag_graph_describe(graph, variables[i].value, text);
        g_string_append_c(text, '\n');
    }
    dag_graph_describe_task(graph, id, text);
    output_write(name, strlen(name));
    output_write("\n", 1);
    print_indented(text->str);
}

static void
print_params(const DagGraph *graph)
{
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);

    for (size_t i = 0; i < n; i++)
        if (params[i].value)
            output_print("# %s=%s\n", params[i].name,
                         params[i].is_secret ? "***" : params[i].value);
        else
            output_print("# %s has no value\n", params[i].name);
}

static void
print_pools(const DagGraph *graph)
{
    size_t n;
    const DagPool *pools = dag_graph_pools(graph, &n);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *limits = dag_report_pool_limits(&pools[i]);

        output_print("# pool %s: %s\n", pools[i].name, limits);
    }
}

static void
print_excluded(const DagGraph *graph)
{
    const char *const *names = dag_graph_excluded(graph);

    for (; *names; names++)
        output_print("# excluded: %s\n", *names);
}

static void
print_phase(const DagPlan *plan, uint32_t phase)
{
    const char *title = dag_plan_phase_title(plan, phase);

    output_print("# phase %u%s%s\n", phase + 1, title ? ": " : "", title ? title : "");
}

void
dry_run(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph);
    g_autofree DagTaskId *order = g_new(DagTaskId, n);
    g_autoptr(GString) scratch = g_string_new(NULL);

    print_params(graph);
    print_pools(graph);
    print_excluded(graph);
    dag_execute_order(plan, strategy, seed, order);
    for (size_t i = 0; i < n; i++) {
        uint32_t phase = dag_plan_phase(plan, order[i]);

        if (strategy->release == DAG_RELEASE_PHASE &&
            (i == 0 || phase != dag_plan_phase(plan, order[i - 1])))
            print_phase(plan, phase);
        print_task(graph, order[i], scratch);
    }
}
