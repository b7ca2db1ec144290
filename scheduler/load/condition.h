/* SPDX-License-Identifier: MIT */
/*
 * Conditions: XPath 1.0 expressions over parameters, evaluated by libxml2 without a document.
 */
#pragma once

#include <dagrun/builder.h>

/* What is kept from one condition of a graph to the next. */
typedef struct ConditionEvaluator ConditionEvaluator;

ConditionEvaluator *dag__condition_evaluator_new(void);
void dag__condition_evaluator_free(ConditionEvaluator *evaluator);

/*
 * A DagCondition; the data is a ConditionEvaluator, which sees conditions of one graph only.  A parameter
 * without a value counts as empty, false or 0.
 */
bool dag__condition(const char *expression, const DagScope *scope, bool *holds_out,
                    GError **error);
