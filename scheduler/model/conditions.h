/* SPDX-License-Identifier: MIT */
/*
 * The conditions of tasks: the attribute `when`.
 */
#pragma once

#include "model/builder.h"

/* Evaluate all conditions: set excluded_out[task] of each task whose condition is false; the rest stays
 * as it is.  A parameter without a value counts as empty, false or 0.  Complains about conditions
 * that cannot be evaluated. */
void dag__conditions_evaluate(DagBuilder *builder, const DagBuildOptions *options,
                              bool *excluded_out);

/* Set marks[param] of each parameter in the conditions of `tasks`, which are marked; NULL: of all
 * tasks. */
void dag__conditions_mark_params(const DagBuilder *builder, const bool *tasks, bool *marks);

/* Return the condition of `task`, which has one. */
const char *dag__condition_of(const DagBuilder *builder, uint32_t task);

/*
 * Find a setting of one parameter, such as "pdf=true", with which the condition of `task` holds; it is
 * false now.  Tries booleans, choices and the literals in the condition.
 * Returns: the setting, free with g_free(); NULL if none is found.
 */
char *dag__condition_remedy(const DagBuilder *builder, const DagBuildOptions *options,
                            uint32_t task);
