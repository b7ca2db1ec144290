/* SPDX-License-Identifier: MIT */
/*
 * The table of all processes of the machine, with their descent.
 */
#pragma once

#include <dagrun/text.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ProcessEntry {
    pid_t pid;
    pid_t parent;
    pid_t group;
    char state; /* as in /proc/PID/stat: 'R', 'S', 'T' stopped, 'Z' zombie … */
    /* Since the boot; tells it from a later process of the same number. */
    uint64_t start_ticks;
    bool is_guard;
    bool is_ours; /* set by the caller and by dag__process_table_spread() */
} ProcessEntry;

/* The name of a guard (guard.c), by which other runs know it. */
#define DAG__GUARD_NAME "dagrun-guard"

/*
 * Return every process that /proc shows, of ProcessEntry, none of them ours.  Guards are left out:
 * a guard of any run must neither be ended nor stopped before its work is done.
 */
GArray *dag__process_table_read(void);

/* The same; call `act` with each process as soon as it is read. */
GArray *dag__process_table_read_each(void (*act)(ProcessEntry *entry, void *data),
                                     void *data);

/* Return whether the process is the guard of a run, of this or another process. */
bool dag__process_is_guard(pid_t pid);

/* Set is_ours for the descendants of `root` (0: none) and of those that are ours. */
void dag__process_table_spread(GArray *table, pid_t root);

/* Return whether the process is neither a zombie nor dead. */
bool dag__process_entry_is_alive(const ProcessEntry *entry);

/* Return the command of the process for messages, with secrets masked, then shortened to 60 columns;
 * or "?".  `secrets` may be NULL; free with g_free(). */
char *dag__process_command(pid_t pid, const DagMask *secrets);
