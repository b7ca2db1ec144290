/* SPDX-License-Identifier: MIT */
/*
 * <shell>script</shell>: `/bin/sh -ec` with the text as it was written.  Nothing is ever put
 * into the text: parameters are environment variables, outputs of the tasks it depends on are
 * files that environment variables name.  So no value is ever parsed by a shell.
 */
#include "kinds.h"
#include "shortage.h"
#include "surroundings.h"

#include <dagrun/error.h>
#include <string.h>
#include <unistd.h>

typedef struct Shell {
    const DagTemplate *input; /* or NULL */
    const char *script;
} Shell;

static const DagAttribute shell_attributes[] = {
    {.name = "stdin", .type = DAG_ATTRIBUTE_TASK}};

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

/* Returns: "name=FILE" with the output of `task`, or NULL. */
static char *
output_variable(const DagContext *context, DagTaskId task, GError **error)
{
    const char *task_name = dag_graph_task_name(dag_context_graph(context), task);
    g_autofree char *name = variable_name(task_name);
    GError *problem = NULL;
    int fd = dag_context_output_fd(context, task, &problem);

    if (problem) {
        g_propagate_error(error, problem);
        return NULL;
    }
    if (fd < 0)
        return g_strconcat(name, "=/dev/null", NULL);
    /* By our number, not /proc/self: whoever the task hands the name to can open it. */
    return g_strdup_printf("%s=/proc/%d/fd/%d", name, (int)getpid(), fd);
}

/* Tasks that were excluded said nothing; a script may name them all the same. */
static void
add_excluded(const DagGraph *graph, GPtrArray *variables)
{
    for (const char *const *task = dag_graph_excluded(graph); *task; task++) {
        g_autofree char *name = variable_name(*task);

        g_ptr_array_add(variables, g_strconcat(name, "=/dev/null", NULL));
    }
}

/* "a-b" and "a.b" are two tasks, and would be one variable.  Returns: false with `error`. */
static bool
check_clash(GHashTable *seen, const DagGraph *graph, DagTaskId task, GError **error)
{
    const char *name = dag_graph_task_name(graph, task);
    char *variable = variable_name(name);
    const char *other = g_hash_table_lookup(seen, variable);

    if (other)
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "the outputs of \"%s\" and \"%s\" would both be the variable %s", other,
                    name, variable);
    g_hash_table_insert(seen, variable, (gpointer)name);
    return !other;
}

/* Returns: the variables, the last of a name being the one that counts, or NULL. */
static GPtrArray *
variables_of(const DagContext *context, GError **error)
{
    const DagGraph *graph = dag_context_graph(context);
    DagIds preds = dag_graph_predecessors(graph, dag_context_task(context));
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) variables = g_ptr_array_new_with_free_func(g_free);
    size_t n_params;
    const DagParam *params = dag_graph_params(graph, &n_params);

    add_excluded(graph, variables);
    for (size_t p = 0; p < preds.n; p++) {
        char *variable = check_clash(seen, graph, preds.ids[p], error)
                             ? output_variable(context, preds.ids[p], error)
                             : NULL;

        if (!variable)
            return NULL;
        g_ptr_array_add(variables, variable);
    }
    /* After the outputs, so that a parameter wins over "a-b" standing for "a_b". */
    for (size_t i = 0; i < n_params; i++)
        g_ptr_array_add(variables, g_strconcat(params[i].name, "=", params[i].value, NULL));
    return g_steal_pointer(&variables);
}

/* The same, waiting out that descriptors are used up: each output takes one. */
static GPtrArray *
wait_for_variables(DagContext *context, GError **error)
{
    Shortage shortage = {0};
    GPtrArray *variables;

    while (!(variables = variables_of(context, error)) && dag__lacks_descriptors() &&
           dag__shortage_wait(&shortage, context))
        g_clear_error(error);
    return variables;
}

static DagOutcome
shell_run(DagContext *context, const void *config)
{
    const Shell *shell = config;
    g_autoptr(GError) error = NULL;
    const char *arguments[] = {"/bin/sh", "-ec", shell->script, NULL};
    GPtrArray *variables = wait_for_variables(context, &error);
    Surroundings around = {0};
    DagOutcome outcome = DAG_FAILED;

    if (variables && dag__surroundings_init(&around, context, variables, &error))
        outcome = dag__process_run(
            context,
            &(Process){
                .arguments = (char **)(void *)arguments,
                .environment = around.environment,
                .directory = around.directory,
                .input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE,
            });
    if (error && dag_context_cancel_level(context) != DAG_CANCEL_NONE)
        outcome = DAG_CANCELLED; /* while it waited */
    else if (error)
        dag_context_set_reason(context, "%s", error->message);
    dag__surroundings_clear(&around);
    return outcome;
}

/* Returns: the white space that every line begins with, which is only the file's indentation.
 * A first line without any stood behind the tag, and tells nothing. */
static size_t
margin_of(const char *script)
{
    size_t margin = SIZE_MAX;

    for (const char *line = script; line; line = strchr(line, '\n')) {
        line += line > script;

        size_t indentation = strspn(line, " \t");
        bool is_blank = !line[indentation] || line[indentation] == '\n';

        if (!is_blank && (line > script || indentation > 0))
            margin = MIN(margin, indentation);
    }
    return margin;
}

static void
shell_describe(const DagGraph *graph, const void *config, GString *out)
{
    const char *line = ((const Shell *)config)->script;
    size_t margin = margin_of(line);

    (void)graph;
    while (*line) {
        size_t length;

        line += MIN(margin, strspn(line, " \t"));
        length = strcspn(line, "\n");
        g_string_append_len(out, line, (gssize)length);
        line += length;
        if (*line)
            g_string_append_c(out, *line++);
    }
}

const DagKind dag__kind_shell = {
    .name = "shell",
    .summary = "a script for /bin/sh -e; values reach it as environment variables",
    .attributes = shell_attributes,
    .n_attributes = G_N_ELEMENTS(shell_attributes),
    .takes_text = true,
    .reads_needs = true,
    .has_exit_code = true,
    .configure = shell_configure,
    .run = shell_run,
    .describe = shell_describe,
};
