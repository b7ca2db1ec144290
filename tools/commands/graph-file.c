/* SPDX-License-Identifier: MIT */
/*
 * The directory is listed only after the file was not found.
 */
#include "commands/graph-file.h"

#include <dagrun/suggest.h>
#include <string.h>

#define SUFFIX    ".xml"
#define MAX_FILES 10000 /* a larger directory would delay the message */

/* Return the name without ".xml"; free with g_free(). */
static char *
stem_of(const char *name)
{
    return g_strndup(name,
                     strlen(name) - (g_str_has_suffix(name, SUFFIX) ? strlen(SUFFIX) : 0));
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Return the names of graphs in the directory, sorted, so that ties are broken alike. */
static GPtrArray *
list_graphs(const char *directory)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    while (dir && names->len < MAX_FILES && (name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, SUFFIX) && g_utf8_validate(name, -1, NULL))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

char *
graph_file_near(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *stem = stem_of(base);
    g_autoptr(GPtrArray) names = list_graphs(directory);
    DagSuggestion by_name = dag_suggestion(base), by_stem = dag_suggestion(stem);
    const char *best = NULL;

    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *own_stem = stem_of(name);

        if (strcmp(own_stem, stem) == 0)
            best = name;
        dag_suggestion_consider(&by_name, name);
        dag_suggestion_consider(&by_stem, own_stem);
        if (by_stem.best == own_stem)
            by_stem.best = name;
    }
    if (!best)
        best = by_stem.best ? by_stem.best : by_name.best;
    if (!best)
        return NULL;
    return strchr(path, '/') ? g_build_filename(directory, best, NULL) : g_strdup(best);
}
