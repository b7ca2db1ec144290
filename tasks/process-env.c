/* SPDX-License-Identifier: MIT */
/*
 * Of several entries with the same name, only the last one is kept: dagrun's own, the mark of the
 * run, the variables of the process in their order.
 */
#include "process-env.h"

#include <string.h>
#include <unistd.h>

/* Return the path of the file that a variable names; free with g_free().  NULL with `error` set. */
static char *
output_file(const DagContext *context, const DagProcessVariable *variable,
            DagRunFiles *files, GError **error)
{
    if (variable->output != DAG_TASK_NONE)
        return dag_context_output_file(context, variable->output, files, error);
    return dag_run_files_add_empty(files, variable->file,
                                   dag_graph_readers(dag_context_graph(context)), error);
}

/* Returns: "NAME=VALUE"; free with g_free().  NULL with `error` set. */
static char *
entry_of(const DagContext *context, const DagProcessVariable *variable, DagRunFiles *files,
         GError **error)
{
    g_autofree char *file = NULL;

    if (variable->value)
        return g_strconcat(variable->name, "=", variable->value, NULL);
    file = output_file(context, variable, files, error);
    return file ? g_strconcat(variable->name, "=", file, NULL) : NULL;
}

/* Return whether one of the variables from `first` on has the name of `entry`, "NAME=VALUE". */
static bool
is_replaced(const char *entry, const DagProcess *process, size_t first)
{
    size_t length = strcspn(entry, "=");

    for (size_t i = first; i < process->n_variables; i++) {
        const char *name = process->variables[i].name;

        if (strncmp(entry, name, length) == 0 && name[length] == '\0')
            return true;
    }
    return false;
}

/* Add dagrun's own environment and the mark. */
static void
add_inherited(GPtrArray *entries, const DagProcess *process, const char *mark)
{
    size_t mark_length = strcspn(mark, "=") + 1;

    for (char **entry = environ; *entry; entry++)
        if (strncmp(*entry, mark, mark_length) != 0 && !is_replaced(*entry, process, 0))
            g_ptr_array_add(entries, *entry);
    if (!is_replaced(mark, process, 0))
        g_ptr_array_add(entries, (gpointer)mark);
}

bool
dag__process_env_init(ProcessEnv *env, const DagContext *context, const DagProcess *process,
                      const RunOfEnv *run, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_sized_new(64);
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);

    add_inherited(entries, process, run->mark);
    for (size_t i = 0; i < process->n_variables; i++) {
        char *entry = entry_of(context, &process->variables[i], run->files, error);

        if (!entry)
            return false;
        g_ptr_array_add(owned, entry);
        if (!is_replaced(entry, process, i + 1))
            g_ptr_array_add(entries, entry);
    }
    g_ptr_array_add(entries, NULL);
    env->entries = (char **)g_ptr_array_free(g_steal_pointer(&entries), FALSE);
    env->owned = g_steal_pointer(&owned);
    return true;
}

void
dag__process_env_clear(ProcessEnv *env)
{
    g_clear_pointer(&env->entries, g_free);
    g_clear_pointer(&env->owned, g_ptr_array_unref);
}
