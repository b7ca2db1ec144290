/* SPDX-License-Identifier: MIT */
/*
 * The action of a task as one command line for /bin/sh, as make and ninja run it.
 */
#pragma once

#include "formats/format.h"

/* A command line is at most as long as the kernel allows one argument to be. */
#define SHELL_COMMAND_MAX (DAG_MAX_ARGUMENT - 1)

/*
 * Append the command line of the task.  It runs in the directory of the graph.  A newline in the text
 * stands where the line may be broken: it is not part of the command.
 * Returns: false with `error` set if the command cannot be one line.
 */
bool shell_command_append(const Export *export, DagTaskId id, GString *out, GError **error);

/* Append shell text for make or ninja: "$" is doubled, and `line_break` replaces each newline. */
void shell_command_escape(GString *out, const char *text, const char *line_break);

/* Warn about the limits of the task that neither make nor ninja has.  */
void shell_command_warn(const Export *export, DagTaskId id, const char *program);

/* Set `error` if the graph has a secret with a value, which the file would show.  Returns: false then. */
bool shell_command_check_secrets(const Export *export, GError **error);
