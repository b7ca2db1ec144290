/* SPDX-License-Identifier: MIT */
/*
 * A value is checked once and made canonical, so that tasks, conditions and reports all see the
 * same text.
 */
#include "model/param.h"

#include "model/path.h"
#include "model/value.h"

#include <dagrun/error.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [DAG_PARAM_STRING] = "string",   [DAG_PARAM_BOOLEAN] = "boolean",
    [DAG_PARAM_INTEGER] = "integer", [DAG_PARAM_NUMBER] = "number",
    [DAG_PARAM_PATH] = "path",       [DAG_PARAM_CHOICE] = "choice",
};

const char *
dag_param_type_name(DagParamType type)
{
    g_return_val_if_fail(type < G_N_ELEMENTS(type_names), NULL);
    return type_names[type];
}

bool
dag__param_type_find(const char *name, DagParamType *type_out)
{
    for (size_t i = 0; i < G_N_ELEMENTS(type_names); i++) {
        if (strcmp(type_names[i], name) == 0) {
            *type_out = (DagParamType)i;
            return true;
        }
    }
    return false;
}

static char *
reject(GError **error, const char *text, const char *what)
{
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" is %s", text, what);
    return NULL;
}

static char *
boolean_value(const char *text, GError **error)
{
    bool value;
    g_autofree char *problem = dag__parse_boolean(text, &value);

    if (!problem)
        return g_strdup(value ? "true" : "false");
    g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID, problem);
    return NULL;
}

static char *
integer_value(const char *text, GError **error)
{
    int64_t value;
    g_autofree char *problem = dag__parse_integer(text, INT64_MIN, INT64_MAX, &value);

    if (!problem)
        return g_strdup_printf("%" G_GINT64_FORMAT, value);
    g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID, problem);
    return NULL;
}

/* Accept a decimal number with an optional exponent, and no hexadecimal, "inf" or "nan". */
static char *
number_value(const char *text, GError **error)
{
    char *end;
    double value;

    errno = 0;
    value = g_ascii_strtod(text, &end);
    if (end == text || *end || g_ascii_isspace(*text) ||
        text[strspn(text, "+-.0123456789eE")])
        return reject(error, text, "not a number");
    if (!isfinite(value))
        return reject(error, text, "out of range");
    return g_strdup(*text == '+' ? text + 1 : text);
}

static char *
choice_value(const char *choices, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(choices, " \t\r\n", -1);

    if (*text && g_strv_contains((const char *const *)words, text))
        return g_strdup(text);

    g_autofree char *what = g_strconcat("not one of: ", choices, NULL);

    return reject(error, text, what);
}

char *
dag__param_value(const DagParamRule *rule, const char *text, GError **error)
{
    switch (rule->type) {
    case DAG_PARAM_BOOLEAN:
        return boolean_value(text, error);
    case DAG_PARAM_INTEGER:
        return integer_value(text, error);
    case DAG_PARAM_NUMBER:
        return number_value(text, error);
    case DAG_PARAM_CHOICE:
        return choice_value(rule->choices, text, error);
    case DAG_PARAM_PATH:
        if (!*text)
            return reject(error, text, "not a path");
        return dag__absolute_path(text, rule->directory, error);
    case DAG_PARAM_STRING:
        break;
    }
    return g_strdup(text);
}
