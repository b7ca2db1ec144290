/* SPDX-License-Identifier: MIT */
/*
 * Where a program runs, and with which environment: what <exec> and <shell> share.
 */
#pragma once

#include "process.h"

/* What is put into a Process, owned. */
typedef struct Surroundings {
    char *directory;    /* or NULL */
    char **environment; /* NULL-terminated; the strings of dagrun's own are borrowed */
    GPtrArray *owned;   /* of char *, NULL: none */
} Surroundings;

/*
 * Finds out directory and environment of the context's task; `variables` are added before the
 * task's own ("NAME=value", or NULL; takes them).
 * Returns: false with `error` set.
 */
bool dag__surroundings_init(Surroundings *surroundings, const DagContext *context,
                            GPtrArray *variables, GError **error);
void dag__surroundings_clear(Surroundings *surroundings);
