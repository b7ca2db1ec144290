/* SPDX-License-Identifier: MIT */
/*
 * A ninja file in which every task is an output that is never made, so that `ninja` runs each.  A file
 * may have the name of a task; so each task also needs a phony output without inputs, which is never up
 * to date.  A pool of which every task takes one slot, and no other pool, is a pool of ninja.
 */
#include "formats/shell-command.h"
#include "formats/writers.h"

#include <string.h>

/* Return a name that no task has: `word` and underscores; free with g_free(). */
static char *
unused_name(const DagGraph *graph, const char *word)
{
    GString *name = g_string_new(word);

    while (dag_graph_find(graph, name->str) != DAG_TASK_NONE)
        g_string_append_c(name, '_');
    return g_string_free(name, FALSE);
}

static void
append_names(const DagGraph *graph, DagIds ids, GString *out)
{
    for (size_t i = 0; i < ids.n; i++)
        g_string_append_printf(out, " %s", dag_graph_task_name(graph, ids.ids[i]));
}

/* Append the pool of the task, or warn. */
static void
append_pool(const Export *export, DagTaskId id, GString *out)
{
    size_t n, n_pools;
    const DagUse *uses = dag_graph_task_uses(export->graph, id, &n);
    const DagPool *pools = dag_graph_pools(export->graph, &n_pools);

    if (n == 0)
        return;
    if (strcmp(pools[uses[0].pool].name, "/dev/tty") == 0)
        g_string_append(out, "  pool = console\n");
    else
        g_string_append_printf(out, "  pool = pool%u\n", uses[0].pool + 1);
    if (n > 1)
        export_warn(export, id, "uses several pools, and in ninja only the first");
    if (uses[0].slots > 1)
        export_warn(export, id, "uses %u slots of the pool \"%s\", and in ninja one",
                    uses[0].slots, pools[uses[0].pool].name);
}

static bool
write_task(const Export *export, DagTaskId id, const char *always, GString *out,
           GError **error)
{
    const DagGraph *graph = export->graph;
    g_autoptr(GString) command = g_string_new(NULL);

    shell_command_warn(export, id, "ninja");
    if (!shell_command_append(export, id, command, error))
        return false;
    g_string_append_printf(out, "\nbuild %s: task", dag_graph_task_name(graph, id));
    append_names(graph, dag_graph_predecessors(graph, id), out);
    g_string_append_printf(out, " | %s\n", always);
    append_pool(export, id, out);
    g_string_append(out, "  text = ");
    shell_command_escape(out, command->str, "$\n    ");
    g_string_append_c(out, '\n');
    return true;
}

static void
write_pools(const DagGraph *graph, GString *out)
{
    size_t n;
    const DagPool *pools = dag_graph_pools(graph, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(pools[i].name, "/dev/tty") != 0)
            g_string_append_printf(out,
                                   "\n# %s\npool pool%" G_GSIZE_FORMAT "\n  depth = %u\n",
                                   pools[i].name, i + 1, pools[i].slots);
}

bool
write_ninja(const Export *export, GString *out, GError **error)
{
    const DagGraph *graph = export->graph;
    DagIds declared = dag_graph_declared(graph);
    g_autofree char *all = unused_name(graph, "all");
    g_autofree char *always = unused_name(graph, "always");

    if (!shell_command_check_secrets(export, error))
        return false;
    g_string_append_printf(out,
                           "# %s, written by dagrun export --to ninja.  Run it in the "
                           "directory of the graph.\n\n"
                           "rule task\n"
                           "  command = $text\n"
                           "  description = $out\n\n"
                           "build %s: phony\n",
                           dag_graph_name(graph), always);
    write_pools(graph, out);
    for (size_t i = 0; i < declared.n; i++)
        if (!write_task(export, declared.ids[i], always, out, error))
            return false;
    g_string_append_printf(out, "\nbuild %s: phony", all);
    append_names(graph, declared, out);
    g_string_append_printf(out, "\ndefault %s\n", all);
    return true;
}
