/* SPDX-License-Identifier: MIT */
/*
 * The environment variables that a script uses.
 */
#pragma once

#include <dagrun/kind.h>

/*
 * Find the variables in a script of the shell, and note them with dag_element_add_variable().  The
 * reading is conservative: a use is certain only if it is expanded beyond doubt, and nothing in the
 * script may set the variable.
 */
void dag__script_names_add(DagElement *element, const char *script);

/* Note each name in a text of any other language as mentioned. */
void dag__script_names_mention(DagElement *element, const char *text);

/* Note the name at `name`, behind a "$" that nothing replaces. */
void dag__script_names_literal(DagElement *element, const char *name);
