/* SPDX-License-Identifier: MIT */
/*
 * What a command of the program is, and what all of them share.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum ExitStatus {
    EXIT_GOOD = 0,          /* all succeeded */
    EXIT_TASK = 1,          /* a task did not succeed */
    EXIT_USAGE = 2,         /* the command line is wrong */
    EXIT_GRAPH = 3,         /* the graph is invalid */
    EXIT_INTERNAL = 4,      /* reading or writing failed */
    EXIT_TIMEOUT = 124,     /* the run took longer than it may, as of timeout(1) */
    EXIT_SIGNAL_BASE = 128, /* plus the number of the signal that ended the run */
} ExitStatus;

typedef struct Command {
    const char *name;
    const char *summary; /* one line */

    /* `argv` is NULL-terminated, the first the name of the command.  Returns: the exit status. */
    int (*run)(char **argv);
} Command;

/* Every command, the implied one first; ended by an entry without a name. */
extern const Command commands[];

int cmd_run(char **argv);
int cmd_plan(char **argv);
int cmd_check(char **argv);
int cmd_schema(char **argv);
int cmd_list(char **argv);

/* Prints "dagrun: …" on stderr. */
void complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Prints the error of a library function as it should read, and frees it.  Returns: the exit
 * status that goes with it. */
int complain_of(GError *error);
