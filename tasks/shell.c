/* SPDX-License-Identifier: MIT */
/*
 * <shell>script</shell>: runs `/bin/sh -ec` with the text as it is written.  No value is ever
 * inserted into the text: parameters are environment variables, and the outputs of predecessors are
 * files that environment variables name.  So no value is ever parsed by a shell.
 */
#include "kinds.h"
#include "process.h"
#include "tasks.h"

#include <dagrun/error.h>
#include <string.h>

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

/* The variables of a script, which borrow their values from the graph. */
typedef struct ScriptVariables {
    GArray *list;     /* of DagProcessVariable */
    GPtrArray *names; /* of char *: the names that are owned */
    GHashTable *seen; /* of variable name to task name: outputs; borrows both */
} ScriptVariables;

static void
script_variables_init(ScriptVariables *variables)
{
    variables->list = g_array_new(FALSE, FALSE, sizeof(DagProcessVariable));
    variables->names = g_ptr_array_new_with_free_func(g_free);
    variables->seen = g_hash_table_new(g_str_hash, g_str_equal);
}

static void
script_variables_clear(ScriptVariables *variables)
{
    g_hash_table_unref(variables->seen);
    g_ptr_array_unref(variables->names);
    g_array_unref(variables->list);
}

/* Return the name of the variable for the output of a task; free with g_free().  The characters of
 * a task's name that a variable cannot have, as in "build-it", become "_". */
static char *
variable_of(const char *task)
{
    char *name = g_strdup(task);

    for (char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c))
            *c = '_';
    return name;
}

/* Return whether the script has the word. */
static bool
mentions(const char *script, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = script; (at = strstr(at, word)); at++)
        if ((at == script || (!g_ascii_isalnum(at[-1]) && at[-1] != '_')) &&
            !g_ascii_isalnum(at[length]) && at[length] != '_')
            return true;
    return false;
}

/* Add the variable that names the file with the output of `task` (DAG_TASK_NONE: an empty file). */
static const char *
add_output(ScriptVariables *variables, const char *task_name, DagTaskId task)
{
    char *name = variable_of(task_name);

    g_ptr_array_add(variables->names, name);
    g_array_append_val(variables->list,
                       ((DagProcessVariable){name, NULL, task, task_name}));
    return name;
}

/* Add the outputs of predecessors.  That of `stdin` gets no file unless the script uses its name: a
 * file stays until the end of the run.  Returns: false with `error` set if two of them, such as "a-b"
 * and "a.b", would be the same variable. */
static bool
add_predecessors(ScriptVariables *variables, const Shell *shell, const DagContext *context,
                 GError **error)
{
    DagTaskId input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE;
    const DagGraph *graph = dag_context_graph(context);
    DagIds preds = dag_graph_predecessors(graph, dag_context_task(context));

    for (size_t p = 0; p < preds.n; p++) {
        const char *task = dag_graph_task_name(graph, preds.ids[p]);
        g_autofree char *variable = variable_of(task);
        const char *name, *other;

        if (preds.ids[p] == input && !mentions(shell->script, variable))
            continue;
        name = add_output(variables, task, preds.ids[p]);
        other = g_hash_table_lookup(variables->seen, name);
        if (other) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                        "the outputs of \"%s\" and \"%s\" would both be the variable %s",
                        other, task, name);
            return false;
        }
        g_hash_table_insert(variables->seen, (gpointer)name, (gpointer)task);
    }
    return true;
}

/* Add all variables; of several with one name, the last one counts.  Returns: false with `error`
 * set. */
static bool
add_all(ScriptVariables *variables, const Shell *shell, const DagContext *context,
        GError **error)
{
    const DagGraph *graph = dag_context_graph(context);
    size_t n_params;
    const DagParam *params = dag_graph_params(graph, &n_params);

    /* A script may read the output of an excluded task, which is empty. */
    for (const char *const *task = dag_graph_excluded(graph); *task; task++)
        add_output(variables, *task, DAG_TASK_NONE);
    if (!add_predecessors(variables, shell, context, error))
        return false;
    /* After the outputs, so that the parameter "a_b" replaces the output of a task "a-b". */
    for (size_t i = 0; i < n_params; i++)
        g_array_append_val(
            variables->list,
            ((DagProcessVariable){params[i].name, params[i].value, DAG_TASK_NONE, NULL}));
    return true;
}

static DagOutcome
shell_run(DagContext *context, const void *config)
{
    const Shell *shell = config;
    g_autoptr(GError) error = NULL;
    const char *arguments[] = {"/bin/sh", "-ec", shell->script, NULL};
    ScriptVariables variables;
    DagOutcome outcome = DAG_FAILED;

    script_variables_init(&variables);
    if (add_all(&variables, shell, context, &error))
        outcome = dag__process_run(
            context,
            &(DagProcess){
                .arguments = arguments,
                .variables = (const DagProcessVariable *)(void *)variables.list->data,
                .n_variables = variables.list->len,
                .input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE,
            });
    else
        dag_context_set_reason(context, "%s", error->message);
    script_variables_clear(&variables);
    return outcome;
}

/* Return the number of white-space characters with which every line begins: the indentation in the
 * file.  A first line that stands right behind the tag has none, and does not count. */
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
    .engine = &dag__tasks_engine,
    .configure = shell_configure,
    .run = shell_run,
    .describe = shell_describe,
};
