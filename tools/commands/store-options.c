/* SPDX-License-Identifier: MIT */
#include "commands/store-options.h"

#include <stdlib.h>
#include <string.h>

/* The value of DAGRUN_STORE that stands for --no-store. */
#define NO_STORE "none"

void
store_options_add(StoreOptions *options, GArray *entries)
{
    const GOptionEntry added[] = {STORE_OPTION(options)};

    g_array_append_vals(entries, added, G_N_ELEMENTS(added));
}

bool
store_options_path(const StoreOptions *options, char **path_out)
{
    const char *variable = g_getenv("DAGRUN_STORE");

    *path_out = NULL;
    if (options->directory && options->is_off) {
        complain("--store names a store, and --no-store wants none");
        return false;
    }
    if (options->directory && !*options->directory) {
        complain("--store takes a directory, not \"\"");
        return false;
    }
    if (options->is_off)
        return true;
    if (options->directory)
        *path_out = g_strdup(options->directory);
    else if (!variable || !*variable)
        *path_out = g_build_filename(g_get_user_state_dir(), "dagrun", NULL);
    else if (strcmp(variable, NO_STORE) != 0)
        *path_out = g_strdup(variable);
    return true;
}

bool
store_options_exists(const char *directory)
{
    g_autofree char *file = g_build_filename(directory, "runs.db", NULL);

    return g_file_test(file, G_FILE_TEST_EXISTS);
}

DagStore *
store_options_open(const StoreOptions *options, int *status_out)
{
    g_autofree char *path = NULL;
    GError *error = NULL;
    DagStore *store;

    *status_out = EXIT_USAGE;
    if (!store_options_path(options, &path))
        return NULL;
    if (!path) {
        complain("there is no store: DAGRUN_STORE is \"none\"; see --store");
        return NULL;
    }
    *status_out = EXIT_GOOD;
    if (!store_options_exists(path)) {
        complain("no run is stored in \"%s\" yet", path);
        return NULL;
    }
    store = dag_store_open(path, &error);
    if (!store)
        *status_out = complain_of(error);
    return store;
}

void
store_options_clear(StoreOptions *options)
{
    g_free(options->directory);
}

char *
store_graph_path(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = real ? g_strdup(real) : g_canonicalize_filename(path, NULL);

    free(real);
    return copy;
}
