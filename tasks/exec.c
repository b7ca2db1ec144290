/* SPDX-License-Identifier: MIT */
/*
 * <exec>program argument …</exec>: runs a program without a shell.  The text is split into words
 * when the graph is built, and templates are expanded when the task runs; so a value is always part
 * of one argument.
 */
#include "action-of.h"
#include "command-words.h"
#include "kinds.h"
#include "process.h"
#include "script-names.h"
#include "tasks.h"

#include <dagrun/memory.h>
#include <dagrun/text.h>
#include <string.h>

typedef struct Exec {
    const DagTemplate *input; /* or NULL */
    bool has_terminal;
    size_t n_words;
    const DagTemplate *words[]; /* [n_words] */
} Exec;

static const DagAttribute exec_attributes[] = {
    {.name = "stdin", .type = DAG_ATTRIBUTE_TASK},
    {.name = "terminal", .type = DAG_ATTRIBUTE_BOOLEAN, .resource = DAG__TERMINAL},
};

/* Note each `$name`, which nothing replaces. */
static void
note_literals(DagElement *element, const char *text)
{
    while ((text = strchr(text, '$'))) {
        text++;
        if (*text != '{')
            dag__script_names_literal(element, text);
    }
}

/* Return true if the word is a command of the shell and no program. */
static bool
is_builtin(const char *word)
{
    static const char *const builtins[] = {
        ".",  "alias", "cd",     "eval", "exec",   "exit",  "export", "for",
        "if", "set",   "source", "trap", "ulimit", "umask", "unset",  "while"};

    for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++)
        if (*word == *builtins[i] && strcmp(word, builtins[i]) == 0)
            return true;
    return false;
}

/* Return the length of the name in NAME=value; 0 if the word is none. */
static size_t
assignment_length(const char *word)
{
    size_t length = dag_text_variable_length(word);

    return word[length] == '=' ? length : 0;
}

/* Warn if the author expects a shell.  `program` is the first word. */
static void
warn_of_shell(DagElement *element, const char *text, const char *program)
{
    g_autofree char *word = dag__command_words_find_shell(text);
    size_t length = assignment_length(program);

    if (length > 0)
        dag_element_warn(element,
                         "<exec> takes \"%s\" for the program; a variable is <env "
                         "name=\"%.*s\" value=\"…\"/>",
                         program, (int)length, program);
    else if (is_builtin(program))
        dag_element_warn(element,
                         "<exec> runs without a shell, and \"%s\" is a command of the "
                         "shell%s",
                         program,
                         strcmp(program, "cd") == 0
                             ? "; the directory of a task is its attribute \"dir\""
                             : "; write it in <shell>");
    else if (word)
        dag_element_warn(element,
                         "<exec> runs without a shell and passes \"%s\" to the program; "
                         "<shell> understands it, quotes keep it",
                         word);
}

static void *
exec_configure(DagElement *element, GError **error)
{
    const char *text = dag_element_text(element);
    g_autofree char *words = g_malloc(strlen(text) + 1);
    size_t n;

    if (!dag__command_words_split(text, words, &n, error))
        return NULL;

    Exec *exec = dag_element_alloc(element, sizeof(Exec) + n * sizeof(exec->words[0]));

    note_literals(element, text);
    exec->input = dag_element_task(element, "stdin");
    exec->has_terminal = dag_element_boolean(element, "terminal", false);
    exec->n_words = n;
    warn_of_shell(element, text, n > 0 ? words : "");

    const char *word = words;

    for (size_t i = 0; i < n; i++, word += strlen(word) + 1) {
        exec->words[i] = dag_element_template(element, word, error);
        if (!exec->words[i])
            return NULL;
    }
    return exec;
}

/* Returns: the arguments; free with g_strfreev(). */
static char **
expand_words(const DagContext *context, const Exec *exec, GError **error)
{
    char **arguments = g_new0(char *, exec->n_words + 1);

    for (size_t i = 0; i < exec->n_words; i++) {
        arguments[i] = dag_context_expand(context, exec->words[i], error);
        if (!arguments[i]) {
            g_strfreev(arguments);
            return NULL;
        }
    }
    return arguments;
}

static DagOutcome
exec_run(DagContext *context, const void *config)
{
    const Exec *exec = config;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) arguments = expand_words(context, exec, &error);

    if (error) {
        dag_context_set_reason(context, "%s", error->message);
        return DAG_FAILED;
    }
    return dag__process_run(
        context, &(DagProcess){
                     .arguments = (const char *const *)arguments,
                     .input = exec->input ? dag_template_task(exec->input) : DAG_TASK_NONE,
                     .has_terminal = exec->has_terminal,
                 });
}

static bool
exec_identify(DagContext *context, const void *config, DagKey *key, GError **error)
{
    const Exec *exec = config;

    for (size_t i = 0; i < exec->n_words; i++) {
        g_autofree char *name =
            i == 0 ? g_strdup("program") : g_strdup_printf("argument %zu", i);

        if (!dag_key_add_template(key, name, exec->words[i], error))
            return false;
    }
    return dag__process_identify(context, exec->input, key, error);
}

static bool
needs_quotes(const char *word)
{
    for (; *word; word++)
        if (!g_ascii_isalnum(*word) && !strchr("_-+=:,./@%^{}$", *word) && !(*word & 0x80))
            return true;
    return false;
}

static void
exec_describe(const DagGraph *graph, const void *config, GString *out)
{
    const Exec *exec = config;
    g_autoptr(GString) word = g_string_new(NULL);

    for (size_t i = 0; i < exec->n_words; i++) {
        g_string_truncate(word, 0);
        dag_graph_describe(graph, exec->words[i], word);
        if (i > 0)
            g_string_append_c(out, ' ');
        if (word->len == 0 || needs_quotes(word->str)) {
            g_autofree char *quoted = g_shell_quote(word->str);

            g_string_append(out, quoted);
        } else {
            g_string_append(out, word->str);
        }
    }
    if (exec->input && dag_template_task(exec->input) != DAG_TASK_NONE) {
        g_string_append(out, " < ");
        dag_graph_describe(graph, exec->input, out);
    }
}

void
dag__exec_action(const void *config, DagAction *action_out)
{
    const Exec *exec = config;

    action_out->type = DAG_ACTION_EXEC;
    action_out->words = exec->words;
    action_out->n_words = exec->n_words;
    action_out->has_input = exec->input != NULL;
    action_out->input = exec->input ? dag_template_task(exec->input) : DAG_TASK_NONE;
    action_out->has_terminal = exec->has_terminal;
}

const DagKind dag__kind_exec = {
    .name = "exec",
    .summary = "a program and its arguments, without a shell",
    .attributes = exec_attributes,
    .n_attributes = G_N_ELEMENTS(exec_attributes),
    .takes_text = true,
    .has_exit_code = true,
    .engine = &dag__tasks_engine,
    .configure = exec_configure,
    .run = exec_run,
    .identify = exec_identify,
    .describe = exec_describe,
};
