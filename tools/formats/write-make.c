/* SPDX-License-Identifier: MIT */
/*
 * A makefile in which every task is a phony target, so that `make` runs each once.
 */
#include "formats/shell-command.h"
#include "formats/writers.h"

#include <string.h>

/* Append the names of the tasks, each after a space. */
static void
append_names(const Export *export, DagIds ids, GString *out)
{
    for (size_t i = 0; i < ids.n; i++)
        g_string_append_printf(out, " %s", dag_graph_task_name(export->graph, ids.ids[i]));
}

/* Warn about pools and terminals. */
static void
warn_of_limits(const Export *export, DagTaskId id)
{
    size_t n;
    const DagUse *uses = dag_graph_task_uses(export->graph, id, &n);
    const DagPool *pools = dag_graph_pools(export->graph, &(size_t){0});

    shell_command_warn(export, id, "make");
    for (size_t i = 0; i < n; i++)
        if (strcmp(pools[uses[i].pool].name, "/dev/tty") == 0)
            export_warn(export, id,
                        "has the terminal, which make gives to one task of several");
        else
            export_warn(export, id, "uses the pool \"%s\", and make has no pools",
                        pools[uses[i].pool].name);
}

/* make would try to make a target of such a name again before anything else. */
static bool
is_makefile(const char *name)
{
    return strcmp(name, "Makefile") == 0 || strcmp(name, "makefile") == 0 ||
           strcmp(name, "GNUmakefile") == 0;
}

static bool
write_task(const Export *export, DagTaskId id, GString *out, GError **error)
{
    const char *name = dag_graph_task_name(export->graph, id);
    g_autoptr(GString) command = g_string_new(NULL);

    warn_of_limits(export, id);
    if (is_makefile(name))
        return export_refuse(export, id, error, "has the name of a makefile");
    if (!shell_command_append(export, id, command, error))
        return false;
    g_string_append_printf(out, "\n%s:", name);
    append_names(export, dag_graph_predecessors(export->graph, id), out);
    g_string_append(out, "\n\t@");
    shell_command_escape(out, command->str, "\\\n\t");
    g_string_append_c(out, '\n');
    return true;
}

bool
write_make(const Export *export, GString *out, GError **error)
{
    const DagGraph *graph = export->graph;
    DagIds declared = dag_graph_declared(graph);
    g_autoptr(GString) all = g_string_new("all");

    if (!shell_command_check_secrets(export, error))
        return false;
    while (dag_graph_find(graph, all->str) != DAG_TASK_NONE)
        g_string_append_c(all, '_');
    g_string_append_printf(out,
                           "# %s, written by dagrun export --to make.  Run it in the "
                           "directory of the graph.\n\n"
                           ".SUFFIXES:\n"
                           "MAKEFLAGS += --no-builtin-rules\n"
                           "SHELL := /bin/sh\n"
                           ".PHONY: %s",
                           dag_graph_name(graph), all->str);
    append_names(export, declared, out);
    g_string_append_printf(out, "\n%s:", all->str);
    append_names(export, declared, out);
    g_string_append_c(out, '\n');
    for (size_t i = 0; i < declared.n; i++)
        if (!write_task(export, declared.ids[i], out, error))
            return false;
    return true;
}
