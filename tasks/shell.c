/* SPDX-License-Identifier: MIT */
/*
 * <shell>script</shell>: `/bin/sh -ec` with the text as it was written.  Nothing is ever put
 * into the text: parameters are environment variables, outputs of the tasks it depends on are
 * files that environment variables name.  So no value is ever parsed by a shell.
 */
#include "kinds.h"
#include "surroundings.h"

#include <unistd.h>

typedef struct Shell {
    const DagTemplate *input; /* or NULL */
    const char *script;
} Shell;

static const DagAttribute shell_attributes[] = {{"stdin", DAG_ATTRIBUTE_TASK, false}};

static void *
shell_configure(DagElement *element, GError **error)
{
    Shell *shell = dag_element_alloc(element, sizeof(Shell));

    (void)error;
    shell->input = dag_element_task(element, "stdin");
    shell->script = dag_element_strdup(element, dag_element_text(element));
    return shell;
}

/* "build-it" is a fine name of a task, but not of a variable. */
static char *
variable_name(const char *task)
{
    char *name = g_strdup(task);

    for (char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c))
            *c = '_';
    return name;
}

/* Returns: the variables, or NULL. */
static GPtrArray *
variables_of(const DagContext *context, GError **error)
{
    const DagGraph *graph = dag_context_graph(context);
    DagIds preds = dag_graph_predecessors(graph, dag_context_task(context));
    g_autoptr(GPtrArray) variables = g_ptr_array_new_with_free_func(g_free);
    size_t n_params;
    const DagParam *params = dag_graph_params(graph, &n_params);

    for (size_t p = 0; p < preds.n; p++) {
        g_autofree char *name = variable_name(dag_graph_task_name(graph, preds.ids[p]));
        GError *problem = NULL;
        int fd = dag_context_output_fd(context, preds.ids[p], &problem);

        if (problem) {
            g_propagate_error(error, problem);
            return NULL;
        }
        /* By our number, not /proc/self: whoever the task hands the name to can open it. */
        g_ptr_array_add(variables, fd < 0 ? g_strconcat(name, "=/dev/null", NULL)
                                          : g_strdup_printf("%s=/proc/%d/fd/%d", name,
                                                            (int)getpid(), fd));
    }
    /* After the outputs, so that a parameter wins over "a-b" standing for "a_b". */
    for (size_t i = 0; i < n_params; i++)
        g_ptr_array_add(variables, g_strconcat(params[i].name, "=", params[i].value, NULL));
    return g_steal_pointer(&variables);
}

static DagOutcome
shell_run(DagContext *context, const void *config)
{
    const Shell *shell = config;
    g_autoptr(GError) error = NULL;
    const char *arguments[] = {"/bin/sh", "-ec", shell->script, NULL};
    GPtrArray *variables = variables_of(context, &error);
    Surroundings around = {0};
    DagOutcome outcome = DAG_FAILED;

    if (variables && dag__surroundings_init(&around, context, variables, &error))
        outcome = dag__process_run(
            context, &(Process){
                         .arguments = (char **)(void *)arguments,
                         .environment = around.environment,
                         .directory = around.directory,
                         .input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE,
                     });
    else
        dag_context_set_reason(context, "%s", error->message);
    dag__surroundings_clear(&around);
    return outcome;
}

static void
shell_describe(const DagGraph *graph, const void *config, GString *out)
{
    const Shell *shell = config;

    (void)graph;
    g_string_append(out, shell->script);
}

const DagKind dag__kind_shell = {
    .name = "shell",
    .summary = "a script for /bin/sh -e; values reach it as environment variables",
    .attributes = shell_attributes,
    .n_attributes = G_N_ELEMENTS(shell_attributes),
    .takes_text = true,
    .reads_needs = true,
    .configure = shell_configure,
    .run = shell_run,
    .describe = shell_describe,
};
