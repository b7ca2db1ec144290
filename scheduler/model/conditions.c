/* SPDX-License-Identifier: MIT */
/*
 * Conditions are evaluated by a function of the caller (DagCondition).  The builder only finds the
 * `$name`s in them, which are parameters.
 */
#include "model/conditions.h"

#include "model/name.h"

#include <dagrun/error.h>
#include <string.h>

/* Return the name in the next `$name` outside of quotes, or NULL. */
static const char *
next_variable(const char *text)
{
    char quote = '\0';

    for (; *text; text++) {
        if (quote)
            quote = *text == quote ? '\0' : quote;
        else if (*text == '"' || *text == '\'')
            quote = *text;
        else if (*text == '$' && dag__is_name_byte(text[1]))
            return text + 1;
    }
    return NULL;
}

/* Return true if `variable` of a condition is a parameter; complain otherwise. */
static bool
check_variable(DagBuilder *builder, const char *task, const char *variable,
               DagLocation location)
{
    const Name *name = dag__builder_name(builder, variable);

    if (name && name->kind == NAME_PARAM)
        return true;
    if (name && name->kind == NAME_TASK) {
        dag_builder_complain(
            builder, location,
            "task \"%s\" refers to \"$%s\", which is a task, not a parameter", task,
            variable);
    } else {
        g_autofree char *hint = dag__builder_suggest(builder, variable, NAME_PARAM);

        dag_builder_complain(builder, location,
                             "task \"%s\" refers to \"$%s\", which is not a parameter%s",
                             task, variable, hint);
    }
    return false;
}

/* Return true if all variables of the condition are parameters; complain otherwise. */
static bool
check_variables(DagBuilder *builder, const TaskText *when)
{
    const char *task = task_at(builder, when->task)->name, *text = when->text;
    DagLocation location = dag__builder_location(builder, when->spot);
    bool good = true;

    while ((text = next_variable(text))) {
        size_t length = dag__name_length(text);

        g_autofree char *variable = g_strndup(text, length);

        good = check_variable(builder, task, variable, location) && good;
        text += length;
    }
    return good;
}

/* Return true if the condition is false.  Complain if it cannot be evaluated. */
static bool
is_false(DagBuilder *builder, const TaskText *when, DagCondition condition,
         const DagScope *scope)
{
    DagLocation location = dag__builder_location(builder, when->spot);
    g_autoptr(GError) error = NULL;
    bool holds = true;

    if (!check_variables(builder, when))
        return false;
    if (!condition)
        dag_builder_complain(builder, location,
                             "task \"%s\" has a condition, which nothing here can decide",
                             task_at(builder, when->task)->name);
    else if (!condition(when->text, scope, &holds, &error))
        dag_builder_complain(builder, location, "attribute \"when\" of <task>: %s",
                             error->message);
    return !holds;
}

/* Return the parameters with their values; free with g_free(). */
static DagParam *
copy_params(const DagBuilder *builder)
{
    DagParam *params = g_new0(DagParam, builder->params->len + 1);

    for (uint32_t i = 0; i < builder->params->len; i++)
        params[i] = param_at(builder, i)->param;
    return params;
}

void
dag__conditions_evaluate(DagBuilder *builder, const DagBuildOptions *options,
                         bool *excluded_out)
{
    g_autofree DagParam *params = copy_params(builder);
    const DagScope scope = {params, builder->params->len, options->condition_data};

    for (guint i = 0; i < builder->conditions->len && !dag_builder_is_hopeless(builder);
         i++) {
        const TaskText *when = &g_array_index(builder->conditions, TaskText, i);

        if (is_false(builder, when, options->condition, &scope) && !options->lenient)
            excluded_out[when->task] = true;
    }
}

/* Return the number of the next parameter in `*text`, and set `*text` behind it; NO_NAME: none. */
static uint32_t
next_param(const DagBuilder *builder, const char **text)
{
    while ((*text = next_variable(*text))) {
        g_autofree char *variable = g_strndup(*text, dag__name_length(*text));
        const Name *name = dag__builder_name(builder, variable);

        *text += strlen(variable);
        if (name && name->kind == NAME_PARAM)
            return name->target;
    }
    return NO_NAME;
}

void
dag__conditions_mark_params(const DagBuilder *builder, const bool *tasks, bool *marks)
{
    for (guint i = 0; i < builder->conditions->len; i++) {
        const TaskText *when = &g_array_index(builder->conditions, TaskText, i);
        const char *text = when->text;
        uint32_t param;

        if (tasks && !tasks[when->task])
            continue;
        while ((param = next_param(builder, &text)) != NO_NAME)
            marks[param] = true;
    }
}

const char *
dag__condition_of(const DagBuilder *builder, uint32_t task)
{
    for (guint i = 0; i < builder->conditions->len; i++) {
        const TaskText *when = &g_array_index(builder->conditions, TaskText, i);

        if (when->task == task)
            return when->text;
    }
    g_assert_not_reached();
}

/* Return the length of the token at `at`: a literal without its quotes, which *literal_out tells, or
 * anything else. */
static size_t
token_length(const char *at, bool *literal_out)
{
    bool is_quoted = *at == '"' || *at == '\'';
    size_t name = dag__name_length(at + (*at == '$'));

    *literal_out = is_quoted || g_ascii_isdigit(*at);
    if (is_quoted)
        return strcspn(at + 1, *at == '"' ? "\"" : "'");
    if (*literal_out)
        return strspn(at, ".0123456789");
    return MAX(name, (size_t)1); /* names hold digits, too */
}

/* Return the values that could make a condition hold: of a boolean or choice, all of them; else the
 * literals of the condition. */
static char **
candidates(const DagParam *param, const char *condition)
{
    GPtrArray *values;

    if (param->type == DAG_PARAM_BOOLEAN)
        return g_strsplit("true false", " ", -1);
    if (param->type == DAG_PARAM_CHOICE)
        return g_strsplit_set(param->choices, " \t\r\n", -1);
    values = g_ptr_array_new();
    for (const char *at = condition; *at;) {
        size_t n_quotes = *at == '"' || *at == '\'' ? 1 : 0;
        bool is_literal;
        size_t length = token_length(at, &is_literal);

        if (is_literal)
            g_ptr_array_add(values, g_strndup(at + n_quotes, length));
        at += n_quotes + length;
        at += n_quotes > 0 && *at; /* the closing quote */
    }
    g_ptr_array_add(values, NULL);
    return (char **)g_ptr_array_free(values, FALSE);
}

char *
dag__condition_remedy(const DagBuilder *builder, const DagBuildOptions *options,
                      uint32_t task)
{
    const char *condition = dag__condition_of(builder, task), *text = condition;
    g_autofree DagParam *params = copy_params(builder);
    const DagScope scope = {params, builder->params->len, options->condition_data};
    uint32_t i;

    while ((i = next_param(builder, &text)) != NO_NAME) {
        const char *before = params[i].value;
        g_auto(GStrv) values = candidates(&params[i], condition);

        for (char **value = values; *value && !params[i].is_secret; value++) {
            bool holds = false;

            params[i].value = *value;
            if (options->condition(condition, &scope, &holds, NULL) && holds)
                return g_strconcat(params[i].name, "=", *value, NULL);
        }
        params[i].value = before;
    }
    return NULL;
}
