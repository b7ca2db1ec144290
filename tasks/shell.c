/* SPDX-License-Identifier: MIT */
/*
 * <shell>script</shell>: runs `/bin/sh -euc` with the text as it is written.  No value is ever
 * inserted into the text: parameters are environment variables, and the outputs of predecessors are
 * files that environment variables name.  So no value is ever parsed by a shell.
 */
#include "kinds.h"
#include "process.h"
#include "script-names.h"
#include "tasks.h"

#include <string.h>

typedef struct Shell {
    const DagTemplate *input; /* or NULL */
    const char *script;
    bool allows_unset; /* a variable that is not set is empty, and no error */
} Shell;

/* The choices of the attribute "unset". */
enum { UNSET_ERROR, UNSET_EMPTY };
static const char *const unset_choices[] = {"error", "empty", NULL};

static const DagAttribute shell_attributes[] = {
    {.name = "stdin", .type = DAG_ATTRIBUTE_TASK},
    {.name = "unset", .type = DAG_ATTRIBUTE_CHOICE, .choices = unset_choices},
};

static void *
shell_configure(DagElement *element, GError **error)
{
    Shell *shell = dag_element_alloc(element, sizeof(Shell));

    (void)error;
    shell->input = dag_element_task(element, "stdin");
    shell->script = dag_element_strdup(element, dag_element_text(element));
    shell->allows_unset = dag_element_choice(element, "unset", UNSET_ERROR) == UNSET_EMPTY;
    dag__script_names_add(element, shell->script);
    return shell;
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

/* Add the variables that name files with outputs.  That of `stdin` gets no file unless the script
 * uses its name: a file stays until the end of the run. */
static void
add_outputs(GArray *variables, const Shell *shell, const DagContext *context)
{
    DagTaskId input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE;
    size_t n;
    const DagOutputVariable *outputs =
        dag_graph_task_outputs(dag_context_graph(context), dag_context_task(context), &n);

    for (size_t i = 0; i < n; i++)
        if (input == DAG_TASK_NONE || outputs[i].task != input ||
            mentions(shell->script, outputs[i].name))
            g_array_append_val(variables, ((DagProcessVariable){.name = outputs[i].name,
                                                                .output = outputs[i].task,
                                                                .file = outputs[i].id}));
}

/* Add the parameters. */
static void
add_params(GArray *variables, const DagContext *context)
{
    size_t n;
    const DagParam *params = dag_graph_params(dag_context_graph(context), &n);

    /* A parameter without a value is one that no task of this run uses. */
    for (size_t i = 0; i < n; i++)
        if (params[i].value)
            g_array_append_val(variables, ((DagProcessVariable){.name = params[i].name,
                                                                .value = params[i].value,
                                                                .output = DAG_TASK_NONE}));
}

static DagOutcome
shell_run(DagContext *context, const void *config)
{
    const Shell *shell = config;
    const char *arguments[] = {"/bin/sh", shell->allows_unset ? "-ec" : "-euc",
                               shell->script, NULL};
    g_autoptr(GArray) variables = g_array_new(FALSE, FALSE, sizeof(DagProcessVariable));

    add_outputs(variables, shell, context);
    add_params(variables, context);
    return dag__process_run(
        context,
        &(DagProcess){
            .arguments = arguments,
            .variables = (const DagProcessVariable *)(void *)variables->data,
            .n_variables = variables->len,
            .input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE,
        });
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
