/* SPDX-License-Identifier: MIT */
/*
 * The environment of a process on this machine.
 */
#pragma once

#include <dagrun/place.h>
#include <dagrun/run-files.h>

typedef struct ProcessEnv {
    char **entries;   /* "NAME=VALUE", NULL-terminated; owned, but not the strings */
    GPtrArray *owned; /* of char *: the strings that are not borrowed */
} ProcessEnv;

/* The parts of the run that each environment needs. */
typedef struct RunOfEnv {
    const char *mark;   /* an entry; run-mark.h */
    DagRunFiles *files; /* for the outputs that variables name */
} RunOfEnv;

/*
 * Merge dagrun's environment, the mark and the variables of the process.  Outputs are files that
 * the entries name.  Worker thread.
 * Returns: false with the error of dag_context_output_file().
 */
bool dag__process_env_init(ProcessEnv *env, const DagContext *context,
                           const DagProcess *process, const RunOfEnv *run, GError **error);
void dag__process_env_clear(ProcessEnv *env);
