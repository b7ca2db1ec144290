/* SPDX-License-Identifier: MIT */
/*
 * Conditions: XPath 1.0 expressions over parameters, evaluated by libxml2 without a document.
 */
#pragma once

#include <dagrun/builder.h>

/* State that is shared by the conditions of a graph. */
typedef struct ConditionEvaluator ConditionEvaluator;

ConditionEvaluator *dag__condition_evaluator_new(void);
void dag__condition_evaluator_free(ConditionEvaluator *evaluator);

/*
 * Evaluate a condition; a DagCondition.  The data is a ConditionEvaluator, used for one graph.  A
 * parameter without a value counts as empty, false or 0.
 */
bool dag__condition(const char *expression, const DagScope *scope, bool *holds_out,
                    GError **error);
