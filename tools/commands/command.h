/* SPDX-License-Identifier: MIT */
/*
 * The commands of the program, and the functions they share.
 *
 * A function that fails prints its error with complain() and returns false or NULL ("after an error
 * message"), and its caller returns EXIT_USAGE.  If other exit statuses are possible, the function
 * sets *status_out.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum ExitStatus {
    EXIT_GOOD = 0,          /* all succeeded */
    EXIT_TASK = 1,          /* a task did not succeed */
    EXIT_USAGE = 2,         /* the command line is wrong */
    EXIT_GRAPH = 3,         /* the graph is invalid */
    EXIT_INTERNAL = 4,      /* reading or writing failed */
    EXIT_TIMEOUT = 124,     /* the run exceeded --timeout; as timeout(1) */
    EXIT_SIGNAL_BASE = 128, /* plus the number of the signal that ended the run */
} ExitStatus;

typedef struct Command {
    const char *name;
    const char *summary; /* one line */

    /* `argv` is NULL-terminated; argv[0] is the name of the command.
     * Returns: the exit status. */
    int (*run)(char **argv);
} Command;

/* All commands, the default one first.  The last entry has no name. */
extern const Command commands[];

int cmd_run(char **argv);
int cmd_plan(char **argv);
int cmd_explain(char **argv);
int cmd_bench(char **argv);
int cmd_history(char **argv);
int cmd_diff(char **argv);
int cmd_show(char **argv);
int cmd_check(char **argv);
int cmd_verify(char **argv);
int cmd_schema(char **argv);
int cmd_list(char **argv);
int cmd_generate(char **argv);
int cmd_export(char **argv);
int cmd_import(char **argv);
int cmd_help(char **argv);

/* Return the soft limit of descriptors that dagrun was started with; 0: unknown. */
uint64_t inherited_descriptors(void);

/* Print "dagrun: …" and a newline on standard error. */
void complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Print the error of a library function and free it.
 * Returns: the exit status for it. */
int complain_of(GError *error);
