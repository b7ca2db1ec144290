/* SPDX-License-Identifier: MIT */
/*
 * The types that a parameter can have, and the values that fit them.
 */
#pragma once

#include <dagrun/graph.h>

/* Returns: false if `name` is no type. */
bool dag__param_type_find(const char *name, DagParamType *type_out);

/* What a value has to fit. */
typedef struct DagParamRule {
    DagParamType type;
    const char *choices; /* separated by white space; of a choice */
    const char
        *directory; /* what a relative path starts from; NULL: the working directory */
} DagParamRule;

/*
 * Returns: the value as it is written in a graph (true/false, a plain number, an absolute
 *   path), or NULL with DAG_ERROR_INVALID: what is wrong with it.
 */
char *dag__param_value(const DagParamRule *rule, const char *text, GError **error);
