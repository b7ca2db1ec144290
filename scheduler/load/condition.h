/* SPDX-License-Identifier: MIT */
/*
 * Conditions: XPath 1.0 expressions over parameters, evaluated by libxml2 without a document.
 */
#pragma once

#include <dagrun/builder.h>

/* A DagCondition.  A parameter without a value counts as empty, false or 0. */
bool dag__condition(const char *expression, const DagParam *params, size_t n_params,
                    bool *holds_out, GError **error);
