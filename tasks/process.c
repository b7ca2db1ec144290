/* SPDX-License-Identifier: MIT */
/*
 * A process runs in the directory of its task, or else of the graph.
 */
#include "process.h"

#include "local.h"
#include "outcome-variables.h"
#include "tasks.h"

#include <dagrun/error.h>
#include <dagrun/memory.h>

/* The values that a description borrows. */
typedef struct Values {
    char *directory;   /* or NULL */
    GArray *variables; /* of DagProcessVariable */
    GPtrArray *owned;  /* of char *: values of variables */
} Values;

static void
values_clear(Values *values)
{
    g_free(values->directory);
    g_array_unref(values->variables);
    g_ptr_array_unref(values->owned);
}

char *
dag__process_directory(const DagContext *context, GError **error)
{
    const DagGraph *graph = dag_context_graph(context);
    const DagTemplate *declared = dag_graph_task_dir(graph, dag_context_task(context));

    if (!declared)
        return g_strdup(dag_graph_directory(graph));

    g_autofree char *text = dag_context_expand(context, declared, error);

    /* The directory of the graph would be another place than the one that was asked for. */
    if (text && !*text) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "the value of its \"dir\" is empty");
        return NULL;
    }
    if (!text || g_path_is_absolute(text) || !dag_graph_directory(graph))
        return g_steal_pointer(&text);
    /* Not made canonical: a secret in it must be recognised in a message. */
    return g_build_filename(dag_graph_directory(graph), text, NULL);
}

/* Add the variables that the task declares. */
static bool
add_variables(Values *values, const DagContext *context, GError **error)
{
    size_t n;
    const DagVariable *declared =
        dag_graph_task_variables(dag_context_graph(context), dag_context_task(context), &n);

    for (size_t i = 0; i < n; i++) {
        char *value = dag_context_expand(context, declared[i].value, error);

        if (!value)
            return false;
        g_ptr_array_add(values->owned, value);
        g_array_append_val(values->variables, ((DagProcessVariable){declared[i].name, value,
                                                                    DAG_TASK_NONE, NULL}));
    }
    return true;
}

/* Complete the description with `values`, and run it.  Returns: DAG_FAILED, with `error` set if the
 * process was not handed to the place. */
static DagOutcome
complete_and_run(DagContext *context, DagProcess process, Values *values, GError **error)
{
    DagTasks *tasks;

    values->directory = dag__process_directory(context, error);
    if ((!values->directory && *error) || !add_variables(values, context, error))
        return DAG_FAILED;
    tasks = dag_context_engine(context, error);
    if (!tasks)
        return DAG_FAILED;
    process.directory = values->directory;
    process.variables = (const DagProcessVariable *)(void *)values->variables->data;
    process.n_variables = values->variables->len;
    return tasks->place->run(&process, context, tasks->place_data);
}

DagOutcome
dag__process_run(DagContext *context, const DagProcess *process)
{
    Values values = {
        .variables = g_array_new(FALSE, FALSE, sizeof(DagProcessVariable)),
        .owned = g_ptr_array_new_with_free_func(g_free),
    };
    g_autoptr(GError) error = NULL;
    DagOutcome outcome;

    g_array_append_vals(values.variables, process->variables, (guint)process->n_variables);
    dag__outcome_variables_add(values.variables, values.owned, context);
    outcome = complete_and_run(context, *process, &values, &error);
    if (error)
        dag_context_set_reason(context, "%s", error->message);
    values_clear(&values);
    return outcome;
}

bool
dag__process_identify(DagContext *context, const DagTemplate *input, DagKey *key,
                      GError **error)
{
    const DagGraph *graph = dag_context_graph(context);
    DagTaskId task = dag_context_task(context);
    size_t n;
    const DagVariable *variables = dag_graph_task_variables(graph, task, &n);

    /* An excluded task has no output, and the input is empty. */
    if (input && dag_template_task(input) == DAG_TASK_NONE)
        dag_key_add_text(key, "stdin", "");
    else if (input && !dag_key_add_output(key, dag_template_task(input), error))
        return false;
    for (size_t i = 0; i < n; i++) {
        g_autofree char *name = g_strconcat("variable ", variables[i].name, NULL);

        if (!dag_key_add_template(key, name, variables[i].value, error))
            return false;
    }
    dag_key_add_text(key, "directory of the graph", dag_graph_directory(graph));
    return dag_key_add_template(key, "directory", dag_graph_task_dir(graph, task), error);
}

bool
dag__process_is_local(DagContext *context)
{
    const DagTasks *tasks = dag_context_engine(context, NULL);

    return tasks && tasks->place == &dag__local_place;
}
