/* SPDX-License-Identifier: MIT */
/*
 * make and ninja pass a command to /bin/sh as one line.  So a newline within a word is the variable
 * _nl.  Outputs that other tasks read are files in the directory NAME.outputs, where NAME is that of
 * the graph; a reference is the content of such a file, in quotes.
 */
#include "formats/shell-command.h"

#include <dagrun/action.h>
#include <dagrun/error.h>
#include <string.h>

typedef struct Command {
    const Export *export;
    DagTaskId id;
    DagAction action;
    GString *text;
    bool uses_outputs; /* the variable _outputs must be set */
    bool uses_newline; /* the variable _nl must be set */
    bool has_pointer;  /* a reference has a JSON pointer */
} Command;

static bool
is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("_@%+=:,./-", *c))
            return false;
    return *text;
}

/* Append literal text in quotes; newlines as a variable, with a break of the line after each. */
static void
append_quoted(Command *command, const char *text)
{
    GString *out = command->text;

    g_string_append_c(out, '\'');
    for (const char *c = text; *c; c++)
        if (*c == '\'') {
            g_string_append(out, "'\\''");
        } else if (*c == '\n') {
            g_string_append(out, "'\"$_nl\"\n'");
            command->uses_newline = true;
        } else {
            g_string_append_c(out, *c);
        }
    g_string_append_c(out, '\'');
}

static void
append_word(Command *command, const char *text)
{
    if (is_plain(text))
        g_string_append(command->text, text);
    else
        append_quoted(command, text);
}

/* Append the path of the file with the output of a task, in quotes. */
static void
append_output(Command *command, DagTaskId task)
{
    const DagGraph *graph = command->export->graph;

    if (task == DAG_TASK_NONE) {
        g_string_append(command->text, "/dev/null");
        return;
    }
    g_string_append_printf(command->text, "\"$_outputs/%s\"",
                           dag_graph_task_name(graph, task));
    command->uses_outputs = true;
}

/* The expansion of a template: literal text is in `literal` until a reference follows it. */
typedef struct Expansion {
    Command *command;
    GString *literal;
    size_t n_parts;
} Expansion;

static void
flush_literal(Expansion *expansion)
{
    if (expansion->literal->len == 0)
        return;
    append_word(expansion->command, expansion->literal->str);
    g_string_truncate(expansion->literal, 0);
    expansion->n_parts++;
}

/* A DagReferenceText.  A task only runs if those it needs have succeeded. */
static const char *
append_reference(DagTaskId task, bool is_outcome, void *data, GError **error)
{
    Expansion *expansion = data;

    (void)error;
    if (is_outcome)
        return dag_outcome_name(DAG_SUCCEEDED);
    flush_literal(expansion);
    g_string_append(expansion->command->text, "\"$(cat ");
    append_output(expansion->command, task);
    g_string_append(expansion->command->text, ")\"");
    expansion->n_parts++;
    return "";
}

static void
append_template(Command *command, const DagTemplate *text)
{
    g_autoptr(GString) literal = g_string_new(NULL);
    Expansion expansion = {command, literal, 0};

    if (!dag_template_expand(text, append_reference, &expansion, literal, NULL))
        command->has_pointer = true; /* there is nothing else to fail for */
    flush_literal(&expansion);
    if (expansion.n_parts == 0)
        g_string_append(command->text, "''");
}

/* Begin the next statement. */
static void
begin(Command *command)
{
    if (command->text->len > 0)
        g_string_append(command->text, " && \n");
}

static void
append_variable(Command *command, const char *name, const char *value)
{
    begin(command);
    g_string_append_printf(command->text, "export %s=", name);
    append_word(command, value);
}

/* Append the variables of a script: outputs that it can name, and parameters. */
static void
append_script_variables(Command *command)
{
    const DagGraph *graph = command->export->graph;
    size_t n;
    const DagOutputVariable *outputs = dag_graph_task_outputs(graph, command->id, &n);

    for (size_t i = 0; i < n; i++) {
        if (outputs[i].task != DAG_TASK_NONE &&
            !dag_graph_task_is_named(graph, outputs[i].task))
            continue;
        begin(command);
        g_string_append_printf(command->text, "export %s=", outputs[i].name);
        append_output(command, outputs[i].task);
    }

    const DagParam *params = dag_graph_params(graph, &n);

    for (size_t i = 0; i < n; i++)
        if (params[i].is_variable && params[i].value)
            append_variable(command, params[i].name, params[i].value);
}

/* Append the variables of clean-ups: make and ninja start them if all that they need succeeded. */
static void
append_outcomes(Command *command)
{
    const DagGraph *graph = command->export->graph;
    size_t n;
    const DagOutcomeVariable *outcomes = dag_graph_task_outcomes(graph, command->id, &n);

    if (!dag_graph_task_policy(graph, command->id)->always)
        return;
    append_variable(command, "DAGRUN_OUTCOME", dag_outcome_name(DAG_SUCCEEDED));
    append_variable(command, "DAGRUN_FAILED", "");
    for (size_t i = 0; i < n; i++)
        append_variable(command, outcomes[i].name,
                        outcomes[i].task == DAG_TASK_NONE
                            ? DAG_OUTCOME_EXCLUDED
                            : dag_outcome_name(DAG_SUCCEEDED));
}

static void
append_environment(Command *command)
{
    const DagGraph *graph = command->export->graph;
    size_t n;
    const DagVariable *variables = dag_graph_task_variables(graph, command->id, &n);

    if (command->action.type == DAG_ACTION_SHELL)
        append_script_variables(command);
    append_outcomes(command);
    for (size_t i = 0; i < n; i++) {
        begin(command);
        g_string_append_printf(command->text, "export %s=", variables[i].name);
        append_template(command, variables[i].value);
    }
}

static void
append_directory(Command *command)
{
    const DagTemplate *directory = dag_graph_task_dir(command->export->graph, command->id);

    if (!directory)
        return;
    begin(command);
    g_string_append(command->text, "cd ");
    append_template(command, directory);
}

static void
append_words(Command *command)
{
    for (size_t i = 0; i < command->action.n_words; i++) {
        if (i > 0)
            g_string_append_c(command->text, ' ');
        append_template(command, command->action.words[i]);
    }
}

/* Append the program that runs the script. */
static void
append_script(Command *command)
{
    const DagAction *action = &command->action;
    const char *options = action->allows_unset ? "-e" : "-eu";

    if (action->n_words > 0) {
        append_words(command);
        g_string_append_printf(command->text, " \"$_outputs/.%s.script\"",
                               dag_graph_task_name(command->export->graph, command->id));
    } else {
        g_string_append_printf(command->text, "/bin/sh %s%s -c ", options,
                               strchr(action->script, '|') ? " $_pipefail" : "");
        append_quoted(command, action->script);
    }
}

/* Append the statements that a script needs before it runs. */
static void
prepare_script(Command *command)
{
    if (command->action.n_words > 0) {
        begin(command);
        g_string_append(command->text, "printf '%s\\n' ");
        append_quoted(command, command->action.script);
        g_string_append_printf(command->text, " >\"$_outputs/.%s.script\"",
                               dag_graph_task_name(command->export->graph, command->id));
        command->uses_outputs = true;
    } else if (strchr(command->action.script, '|')) {
        begin(command);
        g_string_append(command->text, "{ ! (set -o pipefail) 2>/dev/null || \n"
                                       "_pipefail='-o pipefail'; }");
    }
}

static void
append_seconds(GString *out, int64_t ns)
{
    g_string_append_printf(out, "%" G_GINT64_FORMAT ".%09" G_GINT64_FORMAT, ns / 1000000000,
                           ns % 1000000000);
}

/* Append the program of the task, without its streams. */
static void
append_program(Command *command)
{
    GString *out = command->text;

    switch (command->action.type) {
    case DAG_ACTION_NONE:
        g_string_append(out, "true");
        break;
    case DAG_ACTION_EXEC:
        g_string_append(out, "exec ");
        append_words(command);
        break;
    case DAG_ACTION_SHELL:
        g_string_append(out, "exec ");
        append_script(command);
        break;
    case DAG_ACTION_SLEEP:
        g_string_append(out, "sleep ");
        append_seconds(out, command->action.duration_ns);
        break;
    case DAG_ACTION_SPIN:
        g_string_append(out, "{ timeout ");
        append_seconds(out, command->action.duration_ns);
        g_string_append(out, " /bin/sh -c 'while :; do :; done' || test $? -eq 124; }");
        break;
    }
}

/* Append where standard input comes from and standard output goes. */
static void
append_streams(Command *command)
{
    const DagAction *action = &command->action;
    bool has_streams = action->type == DAG_ACTION_EXEC || action->type == DAG_ACTION_SHELL;

    if (has_streams && (action->has_input || !action->has_terminal)) {
        g_string_append(command->text, " <");
        append_output(command, action->has_input ? action->input : DAG_TASK_NONE);
    }
    if (dag_graph_task_is_named(command->export->graph, command->id)) {
        g_string_append(command->text, " >");
        append_output(command, command->id);
    }
}

/* Append the codes that mean success as patterns of `case`. */
static void
append_codes(GString *out, const DagPolicy *policy)
{
    bool is_first = true;

    for (int code = 0; code < 256; code++)
        if (policy->limits_success ? dag_codes_has(&policy->expect, code) : code == 0) {
            g_string_append_printf(out, "%s%d", is_first ? "" : "|", code);
            is_first = false;
        }
}

/* Append the program; if more than its exit status 0 means success, or its output is printed as well
 * as read, with the rest. */
static void
append_run(Command *command)
{
    const DagGraph *graph = command->export->graph;
    const DagPolicy *policy = dag_graph_task_policy(graph, command->id);
    bool prints =
        policy->print == DAG_PRINT_ALWAYS && dag_graph_task_is_named(graph, command->id);
    GString *out = command->text;

    begin(command);
    if (!prints && !policy->limits_success && !policy->allow_failure) {
        append_program(command);
        append_streams(command);
        return;
    }
    g_string_append(out, "{ _status=0; ( ");
    append_program(command);
    append_streams(command);
    g_string_append(out, " ) || _status=$?; \n");
    if (prints) {
        g_string_append(out, "cat ");
        append_output(command, command->id);
        g_string_append(out, "; \n");
    }
    g_string_append(out, "case $_status in ");
    append_codes(out, policy);
    if (policy->allow_failure)
        g_string_append_printf(out,
                               ") ;; *) echo '%s: failed with '$_status', which is "
                               "allowed' >&2;; esac; }",
                               dag_graph_task_name(graph, command->id));
    else
        g_string_append(out, ") ;; *) exit $_status;; esac; }");
}

/* Return the declared output directory relative to the graph's directory if it is below it; NULL:
 * there is none. */
static const char *
output_directory(const DagGraph *graph)
{
    const char *output = dag_graph_output(graph), *directory = dag_graph_directory(graph);
    size_t length = directory ? strlen(directory) : 0;

    if (output && length > 0 && strncmp(output, directory, length) == 0 &&
        output[length] == '/' && output[length + 1])
        return output + length + 1;
    return output;
}

/* Insert the statements before all others: variables and directories. */
static void
insert_start(Command *command)
{
    const DagGraph *graph = command->export->graph;
    const char *output = output_directory(graph);
    g_autoptr(GString) start = g_string_new(NULL);
    g_autoptr(GString) rest = command->text;

    command->text = start;
    if (output && dag_graph_predecessors(graph, command->id).n == 0) {
        begin(command);
        g_string_append(start, "mkdir -p ");
        append_word(command, output);
    }
    if (command->uses_outputs) {
        begin(command);
        g_string_append(start, "_outputs=\"$PWD\"/");
        append_word(command, dag_graph_name(graph));
        g_string_append(start, ".outputs");
        begin(command);
        g_string_append(start, "mkdir -p \"$_outputs\"");
    }
    if (command->uses_newline) {
        begin(command);
        g_string_append(start, "_nl=$(printf '\\nx') && \n_nl=${_nl%x}");
    }
    begin(command);
    g_string_append_len(start, rest->str, (gssize)rest->len);
    command->text = g_steal_pointer(&start);
}

bool
shell_command_append(const Export *export, DagTaskId id, GString *out, GError **error)
{
    Command command = {.export = export, .id = id, .text = g_string_new(NULL)};
    g_autoptr(GString) text = NULL;

    if (!dag_tasks_action(export->graph, id, &command.action)) {
        g_string_free(command.text, TRUE);
        return export_refuse(export, id, error, "is of a kind that has no command");
    }
    append_environment(&command);
    append_directory(&command);
    if (command.action.type == DAG_ACTION_SHELL)
        prepare_script(&command);
    append_run(&command);
    insert_start(&command);
    text = command.text;
    if (command.has_pointer)
        return export_refuse(export, id, error,
                             "reads a value in the JSON output of another task, for which "
                             "a shell has no command");
    if (text->len > SHELL_COMMAND_MAX)
        return export_refuse(export, id, error,
                             "has a command of %" G_GSIZE_FORMAT
                             " bytes, more than a program can be given as one argument",
                             text->len);
    g_string_append_len(out, text->str, (gssize)text->len);
    return true;
}

void
shell_command_escape(GString *out, const char *text, const char *line_break)
{
    for (; *text; text++)
        if (*text == '\n')
            g_string_append(out, line_break);
        else if (*text == '$')
            g_string_append(out, "$$");
        else
            g_string_append_c(out, *text);
}

void
shell_command_warn(const Export *export, DagTaskId id, const char *program)
{
    const DagPolicy *policy = dag_graph_task_policy(export->graph, id);

    if (policy->timeout_ns > 0)
        export_warn(export, id, "has a time limit, which %s does not have", program);
    if (policy->retries > 0)
        export_warn(export, id, "has retries, which %s does not have", program);
    if (policy->cache_ns > 0)
        export_warn(export, id, "has a cache, which %s does not have", program);
    if (dag_graph_task_files(export->graph, id))
        export_warn(export, id, "has declared files, which are not exported to %s",
                    program);
    if (policy->always)
        export_warn(export, id,
                    "is a clean-up; %s runs it only if all tasks that it needs have "
                    "succeeded",
                    program);
}

bool
shell_command_check_secrets(const Export *export, GError **error)
{
    size_t n;
    const DagParam *params = dag_graph_params(export->graph, &n);

    for (size_t i = 0; i < n; i++)
        if (params[i].is_secret && params[i].value) {
            g_set_error(
                error, DAG_ERROR, DAG_ERROR_SETTING,
                "the parameter \"%s\" is secret, and the file would show its value; "
                "read the secret in the tasks instead",
                params[i].name);
            return false;
        }
    return true;
}
