/* SPDX-License-Identifier: MIT */
/*
 * The types of parameters, and their values.
 */
#pragma once

#include <dagrun/graph.h>

/* Return false if `name` is not a type. */
bool dag__param_type_find(const char *name, DagParamType *type_out);

/* The rule for the value of a parameter. */
typedef struct DagParamRule {
    DagParamType type;
    const char *choices;   /* separated by white space; of a choice */
    const char *directory; /* of relative paths; NULL: the working directory */
} DagParamRule;

/*
 * Convert a value to its canonical form: true or false, a plain number, an absolute path.
 * Returns: the value; free with g_free().  NULL with DAG_ERROR_INVALID if it breaks the rule.
 */
char *dag__param_value(const DagParamRule *rule, const char *text, GError **error);
