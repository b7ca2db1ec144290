/* SPDX-License-Identifier: MIT */
/*
 * <shell>script</shell>: runs `/bin/sh -eu`, or another interpreter, with the text as it is written.  No value is ever
 * inserted into the text: parameters are environment variables, and the outputs of predecessors are
 * files that environment variables name.  So no value is ever parsed by a shell.
 */
#include "action-of.h"
#include "command-words.h"
#include "kinds.h"
#include "process.h"
#include "script-names.h"
#include "sh.h"
#include "tasks.h"

#include <dagrun/error.h>
#include <dagrun/memory.h>
#include <dagrun/text.h>
#include <string.h>

typedef struct Shell {
    const DagTemplate *input; /* or NULL */
    const char *script;
    bool allows_unset; /* a variable that is not set is empty, and no error */
    bool has_terminal;
    bool is_long;               /* the script is too long for an argument */
    size_t n_words;             /* 0: /bin/sh */
    const DagTemplate *words[]; /* [n_words]: the interpreter and its arguments */
} Shell;

/* The choices of the attribute "unset". */
enum { UNSET_ERROR, UNSET_EMPTY };
static const char *const unset_choices[] = {"error", "empty", NULL};

static const DagAttribute shell_attributes[] = {
    {.name = "stdin", .type = DAG_ATTRIBUTE_TASK},
    {.name = "terminal", .type = DAG_ATTRIBUTE_BOOLEAN, .resource = DAG__TERMINAL},
    {.name = "interpreter", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "unset", .type = DAG_ATTRIBUTE_CHOICE, .choices = unset_choices},
};

/* Return whether the program, of which `word` is the name or path, is a shell. */
static bool
is_shell(const char *word)
{
    static const char *const shells[] = {"sh",   "bash", "dash", "ash", "ksh",
                                         "mksh", "zsh",  "yash", NULL};
    g_autofree char *name = g_path_get_basename(word);

    return g_strv_contains(shells, name);
}

/* Note the variables that the script uses, if `interpreter` (its first word, or NULL) is a shell, or
 * else those that it may mention. */
static void
note_names(DagElement *element, const char *interpreter, const char *script)
{
    if (!interpreter || is_shell(interpreter))
        dag__script_names_add(element, script);
    else
        dag__script_names_mention(element, script);
}

/* Split the interpreter into words_out, each followed by a NUL; see dag__command_words_split().
 * Returns: false with `error` set. */
static bool
split_interpreter(const DagElement *element, const char *text, char *words_out,
                  size_t *n_out, GError **error)
{
    int unset = dag_element_choice(element, "unset", -1);

    *n_out = 0;
    if (text && unset >= 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "attribute \"unset\" is for /bin/sh; give the interpreter an option "
                    "instead, as in \"bash -u\"");
        return false;
    }
    return !text || dag__command_words_split(text, words_out, n_out, error);
}

static void *
shell_configure(DagElement *element, GError **error)
{
    const char *text = dag_element_string(element, "interpreter");
    g_autofree char *words = g_malloc(text ? strlen(text) + 1 : 1);
    const char *word = words;
    size_t n;

    if (!split_interpreter(element, text, words, &n, error))
        return NULL;

    Shell *shell = dag_element_alloc(element, sizeof(Shell) + n * sizeof(shell->words[0]));

    shell->input = dag_element_task(element, "stdin");
    shell->has_terminal = dag_element_boolean(element, "terminal", false);
    shell->script = dag_element_strdup(element, dag_element_text(element));
    shell->allows_unset = dag_element_choice(element, "unset", UNSET_ERROR) == UNSET_EMPTY;
    shell->is_long = strlen(shell->script) >= DAG_MAX_ARGUMENT;
    note_names(element, n > 0 ? words : NULL, shell->script);
    for (shell->n_words = 0; shell->n_words < n; word += strlen(word) + 1) {
        shell->words[shell->n_words] = dag_element_template(element, word, error);
        if (!shell->words[shell->n_words++])
            return NULL;
    }
    return shell;
}

/* Return whether the script has the word. */
static bool
mentions(const char *script, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = script; (at = strstr(at, word)); at++)
        if ((at == script || !dag_text_is_variable_byte(at[-1])) &&
            !dag_text_is_variable_byte(at[length]))
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

    /* A parameter without a value, or with a very long one, is one that no task of this run uses. */
    for (size_t i = 0; i < n; i++)
        if (params[i].is_variable)
            g_array_append_val(variables, ((DagProcessVariable){.name = params[i].name,
                                                                .value = params[i].value,
                                                                .output = DAG_TASK_NONE}));
}

/* Append the interpreter and its arguments, which are owned by `owned`.
 * Returns: false with `error` set. */
static bool
add_interpreter(GPtrArray *arguments, GPtrArray *owned, const Shell *shell,
                const DagContext *context, GError **error)
{
    for (size_t i = 0; i < shell->n_words; i++) {
        char *word = dag_context_expand(context, shell->words[i], error);

        if (!word)
            return false;
        g_ptr_array_add(owned, word);
        g_ptr_array_add(arguments, word);
    }
    return true;
}

/* Append a word that the array borrows. */
static void
add_word(GPtrArray *arguments, const char *word)
{
    g_ptr_array_add(arguments, (gpointer)word);
}

/* Append /bin/sh and its options. */
static void
add_sh(GPtrArray *arguments, const Shell *shell, DagContext *context)
{
    add_word(arguments, DAG__SH);
    add_word(arguments, shell->allows_unset ? "-e" : "-eu");
    if (dag__process_is_local(context) && dag__sh_has_pipefail()) {
        add_word(arguments, "-o");
        add_word(arguments, "pipefail");
    }
    if (!shell->is_long) {
        add_word(arguments, "-c");
        add_word(arguments, shell->script);
    }
}

static DagOutcome
shell_run(DagContext *context, const void *config)
{
    const Shell *shell = config;
    bool is_file = shell->is_long || shell->n_words > 0;
    g_autoptr(GArray) variables = g_array_new(FALSE, FALSE, sizeof(DagProcessVariable));
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    if (!add_interpreter(arguments, owned, shell, context, &error)) {
        dag_context_set_reason(context, "%s", error->message);
        return DAG_FAILED;
    }
    if (shell->n_words == 0)
        add_sh(arguments, shell, context);
    g_ptr_array_add(arguments, NULL);
    add_outputs(variables, shell, context);
    add_params(variables, context);
    return dag__process_run(
        context,
        &(DagProcess){
            .arguments = (const char *const *)(void *)arguments->pdata,
            .script = is_file ? shell->script : NULL,
            .variables = (const DagProcessVariable *)(void *)variables->data,
            .n_variables = variables->len,
            .input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE,
            .has_terminal = shell->has_terminal,
        });
}

/* Add the parameters, each of which is a variable of the script and of all that it starts. */
static void
identify_params(const DagGraph *graph, DagKey *key)
{
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *name = g_strconcat("parameter ", params[i].name, NULL);

        if (params[i].is_variable)
            dag_key_add_text(key, name, params[i].value);
    }
}

/* Add the outputs that the script, or a program that it starts, may read.  `input` is another part. */
static bool
identify_outputs(DagContext *context, DagTaskId input, DagKey *key, GError **error)
{
    size_t n;
    const DagOutputVariable *outputs =
        dag_graph_task_outputs(dag_context_graph(context), dag_context_task(context), &n);

    for (size_t i = 0; i < n; i++)
        if (outputs[i].task == DAG_TASK_NONE)
            dag_key_add_text(key, outputs[i].name, NULL);
        else if (outputs[i].task != input &&
                 !dag_key_add_output(key, outputs[i].task, error))
            return false;
    return true;
}

static bool
shell_identify(DagContext *context, const void *config, DagKey *key, GError **error)
{
    const Shell *shell = config;
    DagTaskId input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE;

    dag_key_add_text(key, "script", shell->script);
    if (shell->allows_unset)
        dag_key_add_text(key, "unset", "empty");
    for (size_t i = 0; i < shell->n_words; i++)
        if (!dag_key_add_template(key, "interpreter", shell->words[i], error))
            return false;
    identify_params(dag_context_graph(context), key);
    return identify_outputs(context, input, key, error) &&
           dag__process_identify(context, shell->input, key, error);
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
    const Shell *shell = config;
    const char *line = shell->script;
    size_t margin = margin_of(line);

    for (size_t i = 0; i < shell->n_words; i++) {
        g_string_append(out, i == 0 ? "#!" : " ");
        dag_graph_describe(graph, shell->words[i], out);
    }
    if (shell->n_words > 0)
        g_string_append_c(out, '\n');
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

void
dag__shell_action(const void *config, DagAction *action_out)
{
    const Shell *shell = config;

    action_out->type = DAG_ACTION_SHELL;
    action_out->words = shell->words;
    action_out->n_words = shell->n_words;
    action_out->script = shell->script;
    action_out->allows_unset = shell->allows_unset;
    action_out->has_input = shell->input != NULL;
    action_out->input = shell->input ? dag_template_task(shell->input) : DAG_TASK_NONE;
    action_out->has_terminal = shell->has_terminal;
}

const DagKind dag__kind_shell = {
    .name = "shell",
    .summary = "a script for /bin/sh -eu or another interpreter; values are variables",
    .attributes = shell_attributes,
    .n_attributes = G_N_ELEMENTS(shell_attributes),
    .takes_text = true,
    .reads_needs = true,
    .has_exit_code = true,
    .engine = &dag__tasks_engine,
    .configure = shell_configure,
    .run = shell_run,
    .identify = shell_identify,
    .describe = shell_describe,
};
