/* SPDX-License-Identifier: MIT */
/*
 * The environment variables that programs read.  A parameter or an output with the name of one would
 * change what the commands of a script do.
 */
#pragma once

#include <stdbool.h>

/* The variables of dagrun itself begin with this. */
#define DAG__OWN_VARIABLES "DAGRUN_"

/* Those that tell a clean-up how the run stands, which tasks failed, and how a task ended. */
#define DAG__RUN_OUTCOME  DAG__OWN_VARIABLES "OUTCOME"
#define DAG__FAILED       DAG__OWN_VARIABLES "FAILED"
#define DAG__TASK_OUTCOME DAG__RUN_OUTCOME "_"

/* Return true if the name belongs to dagrun. */
bool dag__is_own_variable(const char *name);

/* Return the programs that read the variable, such as "every shell"; NULL if none is known to. */
const char *dag__variable_readers(const char *name);
