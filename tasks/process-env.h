/* SPDX-License-Identifier: MIT */
/*
 * The environment of a process on this machine.
 */
#pragma once

#include <dagrun/place.h>

typedef struct ProcessEnv {
    char **entries;   /* "NAME=VALUE", NULL-terminated; owned, but not the strings */
    GPtrArray *owned; /* of char *: the strings that are not borrowed */
} ProcessEnv;

/*
 * Merge dagrun's environment, `mark` (an entry) and the variables of the process.  Outputs are
 * files that the entries name.  Worker thread.
 * Returns: false with the error of dag_context_output_fd().
 */
bool dag__process_env_init(ProcessEnv *env, const DagContext *context,
                           const DagProcess *process, const char *mark, GError **error);
void dag__process_env_clear(ProcessEnv *env);
