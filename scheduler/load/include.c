/* SPDX-License-Identifier: MIT */
/*
 * A graph may come from an untrusted source, and loading it must not read unrelated files.  Real
 * paths decide which files are in the graph's directory, so neither `..` nor symbolic links lead out
 * of it.  This does not defend against a process that exchanges directories while the graph is read:
 * such a process could write the graph as well.
 */
#include "load/include.h"

#include <dagrun/error.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Included files nest, and their number can double with each level. */
#define MAX_DEPTH 100
#define MAX_FILES 10000

void
dag__inclusions_init(Inclusions *inclusions, const char *file, bool anywhere)
{
    g_autofree char *directory = dag__source_directory(file);

    inclusions->is_anywhere = anywhere;
    if (!anywhere)
        inclusions->root = realpath(directory, NULL);
}

void
dag__inclusions_clear(Inclusions *inclusions)
{
    g_clear_pointer(&inclusions->root, free); /* as realpath() wants it */
}

/* Return the path for a URI reference, relative to the including file; NULL if it is not a local
 * file. */
static char *
include_path(const DagSource *source, const char *href)
{
    g_autofree char *path = g_uri_unescape_string(href, NULL);
    g_autofree char *scheme = g_uri_parse_scheme(href);
    g_autofree char *directory = dag__source_directory(source->file);

    if (!path || scheme || g_str_has_prefix(href, "//"))
        return NULL;
    if (g_path_is_absolute(path) || strcmp(directory, ".") == 0)
        return g_steal_pointer(&path);
    return g_build_filename(directory, path, NULL);
}

/* Return the reason for which the file must not be included, or NULL. */
static const char *
check_root(Inclusions *inclusions, const char *path)
{
    size_t length = inclusions->root ? strlen(inclusions->root) : 0;
    char *real = realpath(path, NULL);
    const char *problem = NULL;

    if (!real)
        return g_strerror(errno);
    if (!inclusions->root) {
        free(real);
        return "the graph's directory cannot be found";
    }
    /* The root directory alone ends with a slash. */
    if (strncmp(real, inclusions->root, length) != 0 ||
        (real[length] && real[length] != '/' && inclusions->root[length - 1] != '/'))
        problem = "outside of the graph's directory";
    inclusions->is_outside = problem != NULL;
    free(real);
    return problem;
}

DagSource *
dag__include_open(Inclusions *inclusions, DagSource *source, const char *href,
                  GError **error)
{
    g_autofree char *path = include_path(source, href);
    const char *problem = NULL;
    unsigned depth = 0;

    for (const DagSource *outer = source; outer; outer = outer->parent)
        depth++;
    inclusions->is_outside = false;
    if (!path)
        problem = "not a local file";
    else if (depth > MAX_DEPTH)
        problem = "too deep";
    else if (++inclusions->n > MAX_FILES)
        problem = "too many inclusions";
    else if (!inclusions->is_anywhere)
        problem = check_root(inclusions, path);
    if (!problem)
        return dag__source_open(path, source, error);
    g_set_error_literal(error, DAG_ERROR, DAG_ERROR_IO, problem);
    return NULL;
}
