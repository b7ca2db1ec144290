/* SPDX-License-Identifier: MIT */
/*
 * Conditions: an expression is true, false, or an error with a message.  The result is always the
 * same, and the opposite of that of its negation.
 */
#include "fuzz.h"
#include "load/condition.h"

static const DagParam params[] = {
    {.name = "yes", .type = DAG_PARAM_BOOLEAN, .value = "true"},
    {.name = "no", .type = DAG_PARAM_BOOLEAN, .value = "false"},
    {.name = "pages", .type = DAG_PARAM_INTEGER, .value = "3"},
    {.name = "ratio", .type = DAG_PARAM_NUMBER, .value = "-2.5e-3"},
    {.name = "mode", .type = DAG_PARAM_CHOICE, .value = "final"},
    {.name = "text", .type = DAG_PARAM_STRING, .value = "a '\"<&é\n b"},
    {.name = "empty", .type = DAG_PARAM_STRING, .value = ""},
    {.name = "job", .type = DAG_PARAM_PATH, .value = "/a/job.txt"},
    {.name = "unset", .type = DAG_PARAM_STRING, .value = NULL},
    {.name = "and", .type = DAG_PARAM_BOOLEAN, .value = "true"},
};

typedef enum Result { IS_FALSE, IS_TRUE, IS_ERROR } Result;

static Result
evaluate(ConditionEvaluator *evaluator, const char *expression)
{
    DagScope scope = {params, G_N_ELEMENTS(params), evaluator};
    g_autoptr(GError) error = NULL;
    bool holds = false;
    bool good = dag__condition(expression, &scope, &holds, &error);

    g_assert_true(good == !error);
    if (!good)
        assert_is_valid(error);
    return good ? (Result)holds : IS_ERROR;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = text_of(data, size);

    if (!text)
        return 0;

    g_autofree char *opposite = g_strdup_printf("not(%s)", text);
    ConditionEvaluator *evaluator = dag__condition_evaluator_new();
    Result result = evaluate(evaluator, text);

    /* Earlier expressions do not change the evaluator. */
    g_assert_cmpint(evaluate(evaluator, "$yes and $pages > 2"), ==, IS_TRUE);
    g_assert_cmpint(evaluate(evaluator, text), ==, result);
    if (result != IS_ERROR) {
        Result negated = evaluate(evaluator, opposite);

        /* The negation is one level deeper, and may be too deep. */
        if (negated != IS_ERROR || size < 100)
            g_assert_cmpint(negated, ==, !result);
    }
    dag__condition_evaluator_free(evaluator);
    return 0;
}
