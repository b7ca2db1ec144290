/* SPDX-License-Identifier: MIT */
/*
 * Of several entries with the same name, only the last one is kept: dagrun's own, the mark of the
 * run, the variables of the process in their order.  The outcomes that an outer run told the task in
 * which dagrun runs are not passed on.
 */
#include "process-env.h"

#include "outcome-variables.h"

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

/* Hash the name of an entry, "NAME=VALUE" or "NAME" (GHashFunc; FNV-1a). */
static guint
hash_name(gconstpointer entry)
{
    guint hash = 2166136261U;

    for (const char *c = entry; *c && *c != '='; c++)
        hash = (hash ^ (guchar)*c) * 16777619U;
    return hash;
}

/* Return whether two entries have the same name (GEqualFunc). */
static gboolean
have_same_name(gconstpointer a, gconstpointer b)
{
    size_t length = strcspn(a, "=");

    return strcspn(b, "=") == length && strncmp(a, b, length) == 0;
}

/* Return the index of the last variable of each name, plus 1, by name; free with
 * g_hash_table_unref().  It borrows the names. */
static GHashTable *
index_variables(const DagProcess *process)
{
    GHashTable *last = g_hash_table_new(hash_name, have_same_name);

    for (size_t i = 0; i < process->n_variables; i++)
        g_hash_table_insert(last, (gpointer)process->variables[i].name,
                            GSIZE_TO_POINTER(i + 1));
    return last;
}

/* Add dagrun's own environment, without outcomes of another run, and the mark. */
static void
add_inherited(GPtrArray *entries, GHashTable *replaced, const char *mark)
{
    for (char **entry = environ; *entry; entry++)
        if (!have_same_name(*entry, mark) && !dag__outcome_variables_has(*entry) &&
            !g_hash_table_contains(replaced, *entry))
            g_ptr_array_add(entries, *entry);
    if (!g_hash_table_contains(replaced, mark))
        g_ptr_array_add(entries, (gpointer)mark);
}

bool
dag__process_env_init(ProcessEnv *env, const DagContext *context, const DagProcess *process,
                      const RunOfEnv *run, GError **error)
{
    g_autoptr(GHashTable) last = index_variables(process);
    g_autoptr(GPtrArray) entries = g_ptr_array_sized_new(64);
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);

    add_inherited(entries, last, run->mark);
    for (size_t i = 0; i < process->n_variables; i++) {
        const DagProcessVariable *variable = &process->variables[i];
        char *entry;

        if (GPOINTER_TO_SIZE(g_hash_table_lookup(last, variable->name)) != i + 1)
            continue;
        entry = entry_of(context, variable, run->files, error);
        if (!entry)
            return false;
        g_ptr_array_add(owned, entry);
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
