/* SPDX-License-Identifier: MIT */
#include "load/condition.h"

#include <dagrun/error.h>

static const DagParam params[] = {
    {.name = "yes", .type = DAG_PARAM_BOOLEAN, .value = "true"},
    {.name = "no", .type = DAG_PARAM_BOOLEAN, .value = "false"},
    {.name = "pages", .type = DAG_PARAM_INTEGER, .value = "3"},
    {.name = "zero", .type = DAG_PARAM_INTEGER, .value = "0"},
    {.name = "ratio", .type = DAG_PARAM_NUMBER, .value = "0.25"},
    {.name = "mode", .type = DAG_PARAM_CHOICE, .value = "final"},
    {.name = "text", .type = DAG_PARAM_STRING, .value = "false"},
    {.name = "empty", .type = DAG_PARAM_STRING, .value = ""},
    {.name = "job", .type = DAG_PARAM_PATH, .value = "/a/job.txt"},
    {.name = "unset", .type = DAG_PARAM_STRING, .value = NULL},
    {.name = "and", .type = DAG_PARAM_BOOLEAN, .value = "true"},
};

static bool
decide(const char *expression, bool *holds_out, GError **error)
{
    ConditionEvaluator *evaluator = dag__condition_evaluator_new();
    DagScope scope = {params, G_N_ELEMENTS(params), evaluator};
    bool good = dag__condition(expression, &scope, holds_out, error);

    dag__condition_evaluator_free(evaluator);
    return good;
}

static void
assert_holds(const char *expression, bool expected)
{
    g_autoptr(GError) error = NULL;
    bool holds = !expected;
    bool good = decide(expression, &holds, &error);

    g_assert_no_error(error);
    g_assert_true(good);
    if (holds != expected)
        g_error("%s is %s", expression, holds ? "true" : "false");
}

static void
assert_fails(const char *expression, const char *message)
{
    g_autoptr(GError) error = NULL;
    bool holds;

    g_assert_false(decide(expression, &holds, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
}

static void
test_booleans_are_true_or_false(void)
{
    assert_holds("$yes", true);
    assert_holds("$no", false);
    assert_holds("not($no)", true);
    assert_holds("$yes and $no", false);
    assert_holds("$yes or $no", true);
    assert_holds(" ( $yes and not( $no ) ) ", true);
    assert_holds("$yes = true()", true);
    assert_holds("true()", true);
    assert_holds("false()", false);
}

static void
test_numbers_are_compared_as_numbers(void)
{
    assert_holds("$pages > 1", true);
    assert_holds("$pages>10", false);
    assert_holds("$pages = 3.0", true);
    assert_holds("$pages != 3", false);
    assert_holds("$pages mod 2 = 1", true);
    assert_holds("$pages div 2 >= 1.5", true);
    assert_holds("$pages * 2 = 6", true);
    assert_holds("$pages - 3", false);
    assert_holds("$ratio < .5", true);
    assert_holds("-$ratio < 0", true);
    assert_holds("$zero", false);
    assert_holds("$pages", true);
}

static void
test_everything_else_is_text(void)
{
    assert_holds("$mode = 'final'", true);
    assert_holds("$mode = \"draft\"", false);
    assert_holds("$text", true);
    assert_holds("$empty", false);
    assert_holds("starts-with($job, '/a/') and contains($job, 'job')", true);
    assert_holds("string-length($empty) = 0", true);
    assert_holds("concat($mode, '-', $text) = 'final-false'", true);
    assert_holds("$mode = 'a path/to @x'", false);
}

static void
test_words_of_xpath_may_be_names_of_parameters(void)
{
    assert_holds("$and and $and", true);
    assert_holds("$and", true);
}

static void
test_a_parameter_without_a_value_is_empty(void)
{
    assert_holds("$unset", false);
    assert_holds("$unset = ''", true);
}

static void
test_a_missing_dollar_is_reported(void)
{
    assert_fails("yes", "\"yes\" is a path, not a parameter; did you mean \"$yes\"?");
    assert_fails("$no or yes",
                 "\"yes\" is a path, not a parameter; did you mean \"$yes\"?");
    assert_fails("not(pages > 1)",
                 "\"pages\" is a path, not a parameter; did you mean \"$pages\"?");
    assert_fails("$yes and other", "\"other\" is a path, not a parameter");
    assert_fails("and", "\"and\" is a path, not a parameter; did you mean \"$and\"?");
}

static void
test_paths_are_rejected(void)
{
    assert_fails("/", "\"/\" is a path, not a parameter");
    assert_fails(".", "\".\" is a path, not a parameter");
    assert_fails("*", "\"*\" is a path, not a parameter");
    assert_fails("@yes", "\"@\" is a path, not a parameter");
    assert_fails("//yes", "\"/\" is a path, not a parameter");
}

static void
test_only_functions_of_xpath_are_known(void)
{
    assert_fails("enabled($yes)", "\"enabled\" is not a function");
    assert_fails("no ($yes)", "\"no\" is not a function");
}

static void
test_an_invalid_expression_is_reported(void)
{
    assert_fails("", "\"\" is not an XPath expression");
    assert_fails("$yes and", "\"$yes and\" is not an XPath expression");
    assert_fails("$yes && $no",
                 "\"$yes && $no\" is not an XPath expression; \"&&\" is written and");
    assert_fails("$yes $no", "\"$yes $no\" is not an XPath expression");
    assert_fails("($yes", "\"($yes\" is not an XPath expression");
    assert_fails("'open", "\"'open\" is not an XPath expression");
    assert_fails("$", "\"$\" is not an XPath expression");
    assert_fails("!$no",
                 "\"!$no\" is not an XPath expression; \"not x\" is written not(x)");
    assert_fails(
        "$yes == $no",
        "\"$yes == $no\" is not an XPath expression; \"is equal to\" is written =");
    assert_fails("$yes and '&&", "\"$yes and '&&\" is not an XPath expression");
    assert_fails("not()", "\"not()\" is not an XPath expression");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/condition/booleans-are-true-or-false",
                    test_booleans_are_true_or_false);
    g_test_add_func("/condition/numbers-are-compared-as-numbers",
                    test_numbers_are_compared_as_numbers);
    g_test_add_func("/condition/everything-else-is-text", test_everything_else_is_text);
    g_test_add_func("/condition/words-of-xpath-may-be-names-of-parameters",
                    test_words_of_xpath_may_be_names_of_parameters);
    g_test_add_func("/condition/a-parameter-without-a-value-is-empty",
                    test_a_parameter_without_a_value_is_empty);
    g_test_add_func("/condition/a-missing-dollar-is-reported",
                    test_a_missing_dollar_is_reported);
    g_test_add_func("/condition/paths-are-rejected", test_paths_are_rejected);
    g_test_add_func("/condition/only-functions-of-xpath-are-known",
                    test_only_functions_of_xpath_are_known);
    g_test_add_func("/condition/an-invalid-expression-is-reported",
                    test_an_invalid_expression_is_reported);
    return g_test_run();
}
