/* SPDX-License-Identifier: MIT */
/*
 * A task runs in its own directory, or the graph's, with dagrun's environment and what was
 * added to it.  Where nothing was added, dagrun's environment is passed on as it is.
 */
#include "surroundings.h"

#include <string.h>
#include <unistd.h>

static char *
directory_of(const DagContext *context, GError **error)
{
    const DagGraph *graph = dag_context_graph(context);
    const DagTemplate *declared = dag_graph_task_dir(graph, dag_context_task(context));

    if (!declared)
        return g_strdup(dag_graph_directory(graph));

    g_autofree char *text = dag_context_expand(context, declared, error);

    if (!text || g_path_is_absolute(text) || !dag_graph_directory(graph))
        return g_steal_pointer(&text);
    /* As it was written, not canonical: a secret in it must be recognised in a message. */
    return g_build_filename(dag_graph_directory(graph), text, NULL);
}

/* Appends the task's own variables to `variables`. */
static bool
add_own_variables(const DagContext *context, GPtrArray *variables, GError **error)
{
    size_t n;
    const DagVariable *own =
        dag_graph_task_variables(dag_context_graph(context), dag_context_task(context), &n);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *value = dag_context_expand(context, own[i].value, error);

        if (!value)
            return false;
        g_ptr_array_add(variables, g_strconcat(own[i].name, "=", value, NULL));
    }
    return true;
}

/* Whether `entry` of dagrun's environment is given a new value; the last one counts. */
static bool
is_replaced(const char *entry, const GPtrArray *variables, guint from)
{
    size_t length = strcspn(entry, "=") + 1;

    for (guint i = from; i < variables->len; i++)
        if (strncmp(entry, variables->pdata[i], length) == 0)
            return true;
    return false;
}

static char **
merge(const GPtrArray *variables)
{
    GPtrArray *all = g_ptr_array_new();

    for (char **entry = environ; *entry; entry++)
        if (!is_replaced(*entry, variables, 0))
            g_ptr_array_add(all, *entry);
    for (guint i = 0; i < variables->len; i++)
        if (!is_replaced(variables->pdata[i], variables, i + 1))
            g_ptr_array_add(all, variables->pdata[i]);
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

bool
dag__surroundings_init(Surroundings *surroundings, const DagContext *context,
                       GPtrArray *variables, GError **error)
{
    size_t n_own;

    *surroundings = (Surroundings){.owned = variables};
    surroundings->directory = directory_of(context, error);
    if (!surroundings->directory && *error)
        return false;
    dag_graph_task_variables(dag_context_graph(context), dag_context_task(context), &n_own);
    if (!surroundings->owned && n_own == 0)
        return true;
    if (!surroundings->owned)
        surroundings->owned = g_ptr_array_new_with_free_func(g_free);
    if (!add_own_variables(context, surroundings->owned, error))
        return false;
    surroundings->environment = merge(surroundings->owned);
    return true;
}

void
dag__surroundings_clear(Surroundings *surroundings)
{
    g_free(surroundings->directory);
    g_free(surroundings->environment);
    g_clear_pointer(&surroundings->owned, g_ptr_array_unref);
}
