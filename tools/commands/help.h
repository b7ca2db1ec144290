/* SPDX-License-Identifier: MIT */
/*
 * Messages about the commands of the program.
 */
#pragma once

#include "commands/command.h"

/* Print the usage, the commands and the options that are needed often. */
void help_print(void);

/* Print that, and all options of each command.  Returns: the exit status. */
int help_print_all(void);

/* Return the command, or NULL. */
const Command *command_find(const char *name);

/* Print that there is no such command, or file, and suggest the nearest name.
 * Returns: the exit status. */
int complain_of_command(const char *name, bool may_be_file);
