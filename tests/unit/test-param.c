/* SPDX-License-Identifier: MIT */
/*
 * Parameters: the valid values of each type, and the precedence of defaults and settings.
 */
#include <dagrun/builder.h>
#include <dagrun/error.h>
#include <dagrun/suggest.h>
#include <string.h>

#include "graph-of.h"

/* A graph in /graphs with one parameter, "p", and its setting. */
typedef struct Given {
    const char *type;
    const char *choices;
    const char *default_value;
    const char *setting; /* NULL: none */
    bool lenient;
} Given;

static DagGraph *
build(const Given *given, GError **error)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    DagSetting setting = {.name = "p", .value = given->setting};

    dag_builder_set_directory(builder, "/graphs");
    dag_builder_add_param(builder, &(DagParamSpec){
                                       .name = "p",
                                       .title = "what it is for",
                                       .type = given->type,
                                       .choices = given->choices,
                                       .default_value = given->default_value,
                                   });
    return dag_builder_finish(builder,
                              &(DagBuildOptions){.settings = &setting,
                                                 .n_settings = given->setting != NULL,
                                                 .lenient = given->lenient},
                              error);
}

static void
assert_value(Given given, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = build(&given, &error);
    size_t n;

    g_assert_no_error(error);
    g_assert_cmpstr(dag_graph_params(graph, &n)[0].value, ==, expected);
    g_assert_cmpuint(n, ==, 1);
}

/* Assert that `value` of `type` becomes `expected`, as a default and as a setting. */
static void
assert_fits(const char *type, const char *value, const char *expected)
{
    assert_value((Given){.type = type, .default_value = value}, expected);
    assert_value((Given){.type = type, .setting = value}, expected);
}

static void
assert_fails(Given given, DagError code, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(build(&given, &error));
    g_assert_error(error, DAG_ERROR, (gint)code);
    g_assert_cmpstr(error->message, ==, message);
}

static void
assert_unfit(const char *type, const char *value, const char *problem)
{
    g_autofree char *message =
        g_strdup_printf("parameter \"p\": \"%s\" is %s", value, problem);

    assert_fails((Given){.type = type, .default_value = value}, DAG_ERROR_INVALID, message);
    assert_fails((Given){.type = type, .setting = value}, DAG_ERROR_SETTING, message);
}

static void
test_a_string_is_any_text(void)
{
    assert_fits(NULL, "a value", "a value");
    assert_fits("string", "", "");
    assert_fits("string", "  $HOME ${x} `id` \n ", "  $HOME ${x} `id` \n ");
}

static void
test_a_boolean_is_true_or_false(void)
{
    assert_fits("boolean", "true", "true");
    assert_fits("boolean", "1", "true");
    assert_fits("boolean", "false", "false");
    assert_fits("boolean", "0", "false");
    assert_unfit("boolean", "yes", "not a boolean (true or false)");
    assert_unfit("boolean", "True", "not a boolean (true or false)");
    assert_unfit("boolean", "", "not a boolean (true or false)");
}

static void
test_an_integer_has_64_bits(void)
{
    assert_fits("integer", "0", "0");
    assert_fits("integer", "-7", "-7");
    assert_fits("integer", "+007", "7");
    assert_fits("integer", "-0", "0");
    assert_fits("integer", "9223372036854775807", "9223372036854775807");
    assert_fits("integer", "-9223372036854775808", "-9223372036854775808");
    assert_unfit("integer", "9223372036854775808", "out of range");
    assert_unfit("integer", "-9223372036854775809", "out of range");
    assert_unfit("integer", "abc", "not an integer");
    assert_unfit("integer", "1.0", "not an integer");
    assert_unfit("integer", "1e3", "not an integer");
    assert_unfit("integer", "0x10", "not an integer");
    assert_unfit("integer", "--1", "not an integer");
    assert_unfit("integer", "+-1", "not an integer");
    assert_unfit("integer", "-", "not an integer");
    assert_unfit("integer", "", "not an integer");
}

static void
test_a_number_is_finite(void)
{
    assert_fits("number", "0.5", "0.5");
    assert_fits("number", "-1e-3", "-1e-3");
    assert_fits("number", "+2.", "2.");
    assert_fits("number", ".5", ".5");
    assert_fits("number", "1E5", "1E5");
    assert_unfit("number", "1e999", "out of range");
    assert_unfit("number", "-1e999", "out of range");
    assert_unfit("number", "nan", "not a number");
    assert_unfit("number", "inf", "not a number");
    assert_unfit("number", "0x10", "not a number");
    assert_unfit("number", "1,5", "not a number");
    assert_unfit("number", "1.5.5", "not a number");
    assert_unfit("number", " 1", "not a number");
    assert_unfit("number", "", "not a number");
    assert_unfit("number", "e5", "not a number");
}

static void
test_a_path_is_made_absolute(void)
{
    g_autofree char *here = g_get_current_dir();
    g_autofree char *job = g_build_filename(here, "job.txt", NULL);

    assert_value((Given){.type = "path", .default_value = "job.txt"}, "/graphs/job.txt");
    assert_value((Given){.type = "path", .default_value = "../a/./b/"}, "/a/b");
    assert_value((Given){.type = "path", .setting = "job.txt"}, job);
    assert_fits("path", "/etc/passwd", "/etc/passwd");
    assert_unfit("path", "", "not a path");
}

static void
test_a_choice_is_one_of_its_words(void)
{
    assert_value(
        (Given){.type = "choice", .choices = "draft final", .default_value = "final"},
        "final");
    assert_value((Given){.type = "choice", .choices = "a\n b\tc", .setting = "c"}, "c");
    assert_fails((Given){.type = "choice", .choices = "a b c", .default_value = "x"},
                 DAG_ERROR_INVALID, "parameter \"p\": \"x\" is not one of: a b c");
    assert_fails(
        (Given){.type = "choice", .choices = "a b", .default_value = "a", .setting = "a b"},
        DAG_ERROR_SETTING, "parameter \"p\": \"a b\" is not one of: a b");
    assert_fails((Given){.type = "choice", .choices = "a  b", .setting = ""},
                 DAG_ERROR_SETTING, "parameter \"p\": \"\" is not one of: a  b");
    assert_fails((Given){.type = "choice", .setting = "a"}, DAG_ERROR_INVALID,
                 "parameter \"p\": a choice needs the attribute \"choices\"");
    assert_fails((Given){.choices = "a b", .setting = "a"}, DAG_ERROR_INVALID,
                 "parameter \"p\": only a choice has the attribute \"choices\"");
}

static void
test_a_type_is_one_of_six(void)
{
    assert_fails(
        (Given){.type = "bool", .default_value = "true"}, DAG_ERROR_INVALID,
        "attribute \"type\" of <param>: \"bool\" is not one of: string boolean integer "
        "number path choice");
}

static void
test_a_setting_comes_before_the_default(void)
{
    assert_value((Given){.default_value = "default", .setting = "setting"}, "setting");
    assert_value((Given){.default_value = "default", .setting = ""}, "");
}

static void
test_a_parameter_without_a_value_is_an_error(void)
{
    assert_fails((Given){0}, DAG_ERROR_SETTING,
                 "parameter \"p\" (what it is for) has no value");
    assert_value((Given){.lenient = true}, NULL);
}

/* Finish a graph of two parameters and a task with `settings`. */
static DagGraph *
build_with(const DagSetting *settings, size_t n_settings, GError **error)
{
    g_autoptr(DagBuilder) builder = builder_of("render", NULL, NULL);

    dag_builder_add_param(builder,
                          &(DagParamSpec){.name = "theme", .default_value = "plain"});
    dag_builder_add_param(
        builder, &(DagParamSpec){.name = "pages", .type = "integer", .default_value = "2"});
    return dag_builder_finish(
        builder, &(DagBuildOptions){.settings = settings, .n_settings = n_settings}, error);
}

static void
test_a_setting_must_name_a_parameter(void)
{
    static const struct {
        const char *name;
        const char *message;
    } cases[] = {
        {"teme", "the graph has no parameter \"teme\"; did you mean \"theme\"?"},
        {"colour", "the graph has no parameter \"colour\""},
        {"render", "the graph has no parameter \"render\""},
        {"", "the graph has no parameter \"\""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(
            build_with(&(DagSetting){.name = cases[i].name, .value = "x"}, 1, &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_SETTING);
        g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

static void
test_the_last_of_several_settings_counts(void)
{
    DagSetting settings[] = {{.name = "pages", .value = "3"},
                             {.name = "theme", .value = "dark"},
                             {.name = "pages", .value = "4"}};
    g_autoptr(DagGraph) graph = build_with(settings, G_N_ELEMENTS(settings), NULL);
    size_t n;
    const DagParam *params = dag_graph_params(graph, &n);

    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpstr(params[0].name, ==, "theme");
    g_assert_cmpstr(params[0].value, ==, "dark");
    g_assert_cmpint(params[0].type, ==, DAG_PARAM_STRING);
    g_assert_null(params[0].title);
    g_assert_cmpstr(params[1].value, ==, "4");
    g_assert_cmpint(params[1].type, ==, DAG_PARAM_INTEGER);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/param/a-string-is-any-text", test_a_string_is_any_text);
    g_test_add_func("/param/a-boolean-is-true-or-false", test_a_boolean_is_true_or_false);
    g_test_add_func("/param/an-integer-has-64-bits", test_an_integer_has_64_bits);
    g_test_add_func("/param/a-number-is-finite", test_a_number_is_finite);
    g_test_add_func("/param/a-path-is-made-absolute", test_a_path_is_made_absolute);
    g_test_add_func("/param/a-choice-is-one-of-its-words",
                    test_a_choice_is_one_of_its_words);
    g_test_add_func("/param/a-type-is-one-of-six", test_a_type_is_one_of_six);
    g_test_add_func("/param/a-setting-comes-before-the-default",
                    test_a_setting_comes_before_the_default);
    g_test_add_func("/param/a-parameter-without-a-value-is-an-error",
                    test_a_parameter_without_a_value_is_an_error);
    g_test_add_func("/param/a-setting-must-name-a-parameter",
                    test_a_setting_must_name_a_parameter);
    g_test_add_func("/param/the-last-of-several-settings-counts",
                    test_the_last_of_several_settings_counts);
    return g_test_run();
}
