/* SPDX-License-Identifier: MIT */
/*
 * The options that name the store, and opening it for commands that read it.
 */
#pragma once

#include "commands/command.h"

#include <dagrun/store.h>

typedef struct StoreOptions {
    char *directory; /* --store */
    gboolean is_off; /* --no-store */
} StoreOptions;

/* The options, as entries of a table. */
#define STORE_OPTION(options)                                                              \
    {                                                                                      \
        "store", 0, 0, G_OPTION_ARG_FILENAME, &(options)->directory,                       \
            "Directory of earlier runs (default: $DAGRUN_STORE, or that of the user)",     \
            "DIR"                                                                          \
    }
#define NO_STORE_OPTION(options)                                                           \
    {                                                                                      \
        "no-store", 0, 0, G_OPTION_ARG_NONE, &(options)->is_off,                           \
            "Neither use earlier runs nor store this one", NULL                            \
    }

/* Append --store to the options of a command. */
void store_options_add(StoreOptions *options, GArray *entries);

/* Set *path_out to the directory of the store, or to NULL for none: of the options, else of DAGRUN_STORE, else that of
 * the user.  Free it with g_free().  Returns: false after an error message. */
bool store_options_path(const StoreOptions *options, char **path_out);

/* Return true if there is a store in the directory. */
bool store_options_exists(const char *directory);

/* Open the store to read it.  Returns: NULL after an error message, with *status_out set; without a message if it does
 * not exist yet, with EXIT_GOOD. */
DagStore *store_options_open(const StoreOptions *options, int *status_out);

void store_options_clear(StoreOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreOptions, store_options_clear)

/* Return the absolute path of a graph without symbolic links, by which the store knows it; free it with g_free(). */
char *store_graph_path(const char *path);
