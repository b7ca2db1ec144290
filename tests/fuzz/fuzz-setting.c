/* SPDX-License-Identifier: MIT */
/*
 * Settings (`--set NAME=VALUE`), for a graph with a parameter of each type, named like the type:
 * an accepted value is converted to its canonical form, has the parameter's type, and is accepted
 * again unchanged.
 */
#include "fuzz.h"

#include <dagrun/builder.h>
#include <dagrun/error.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES "fast slow -rf --"

static const DagParamSpec specs[] = {
    {.name = "string", .type = "string", .default_value = ""},
    {.name = "boolean", .type = "boolean", .default_value = "0"},
    {.name = "integer", .type = "integer", .default_value = "0"},
    {.name = "number", .type = "number", .default_value = "0"},
    {.name = "path", .type = "path", .default_value = "x"},
    {.name = "choice", .type = "choice", .default_value = "slow", .choices = CHOICES},
};

static DagGraph *
build(const char *name, const char *value, GError **error)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    DagSetting setting = {.name = name, .value = value};

    dag_builder_set_directory(builder, "/graphs");
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        dag_builder_add_param(builder, &specs[i]);
    return dag_builder_finish(
        builder, &(DagBuildOptions){.settings = &setting, .n_settings = 1}, error);
}

static const DagParam *
param_of(const DagGraph *graph, const char *name)
{
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(params[i].name, name) == 0)
            return &params[i];
    g_assert_not_reached();
}

static void
check_path(const char *value)
{
    g_assert_true(g_path_is_absolute(value));
    g_assert_null(strstr(value, "/../"));
    g_assert_null(strstr(value, "/./"));
    g_assert_false(g_str_has_suffix(value, "/.."));
}

/* The canonical value has the type, and the same meaning as the given one. */
static void
check_value(const DagParam *param, const char *given)
{
    const char *value = param->value;
    char *end;

    switch (param->type) {
    case DAG_PARAM_STRING:
        g_assert_cmpstr(value, ==, given);
        break;
    case DAG_PARAM_BOOLEAN:
        g_assert_true(strcmp(value, "true") == 0 || strcmp(value, "false") == 0);
        g_assert_true((*value == 't') == (*given == 't' || *given == '1'));
        break;
    case DAG_PARAM_INTEGER:
        g_assert_cmpint(g_ascii_strtoll(value, &end, 10), ==,
                        g_ascii_strtoll(given, NULL, 10));
        g_assert_true(*value && !*end);
        break;
    case DAG_PARAM_NUMBER:
        g_assert_cmpfloat(g_ascii_strtod(value, &end), ==, g_ascii_strtod(given, NULL));
        g_assert_true(*value && !*end && isfinite(g_ascii_strtod(value, NULL)));
        break;
    case DAG_PARAM_PATH:
        check_path(value);
        break;
    case DAG_PARAM_CHOICE:
        g_assert_true(strcmp(value, given) == 0 && !strchr(value, ' '));
        g_assert_nonnull(strstr(CHOICES, value));
        break;
    }
}

static void
check_again(const DagParam *param)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) again = build(param->name, param->value, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(param_of(again, param->name)->value, ==, param->value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = text_of(data, size);
    g_autoptr(GError) error = NULL;
    char *value = text ? strchr(text, '=') : NULL;

    /* Split as the command line does; the library never gets other settings. */
    if (!value || value == text)
        return 0;
    *value++ = '\0';

    g_autoptr(DagGraph) graph = build(text, value, &error);

    g_assert_true((graph != NULL) == (error == NULL));
    if (!graph) {
        assert_is_valid(error);
        g_assert_error(error, DAG_ERROR, DAG_ERROR_SETTING);
        return 0;
    }
    check_value(param_of(graph, text), value);
    check_again(param_of(graph, text));
    return 0;
}
