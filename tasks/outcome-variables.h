/* SPDX-License-Identifier: MIT */
/*
 * The variables that tell a clean-up how the run stands: DAGRUN_OUTCOME, DAGRUN_FAILED, and DAGRUN_OUTCOME_x for
 * each task x that it needs.
 */
#pragma once

#include <dagrun/context.h>

/* Append the variables to `variables` (of DagProcessVariable) if the task is a clean-up.  `owned` (of
 * char *) takes the values that must be freed.  Worker thread. */
void dag__outcome_variables_add(GArray *variables, GPtrArray *owned,
                                const DagContext *context);

/* Return true if `entry`, "NAME=VALUE", is such a variable. */
bool dag__outcome_variables_has(const char *entry);
