/* SPDX-License-Identifier: MIT */
#include "graph-file.h"

#include "http-config.h"

#include <string.h>
#include <sys/stat.h>

#define MAX_FILE (INT64_C(8) << 20)

const char *
graph_file_read(DagElement *element, const char *name, GError **error)
{
    const char *directory = dag_element_directory(element);
    g_autofree char *path = g_path_is_absolute(name) || !directory
                                ? g_strdup(name)
                                : g_build_filename(directory, name, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    struct stat status;
    gsize size;

    /* Opening a pipe would wait for a writer. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        http_refuse(error, "\"%s\" is not a regular file", name);
    } else if (stat(path, &status) == 0 && status.st_size > MAX_FILE) {
        http_refuse(error, "\"%s\" has more than 8 MiB", name);
    } else if (!g_file_get_contents(path, &text, &size, &problem)) {
        http_refuse(error, "%s", problem->message);
    } else if (!g_utf8_validate(text, (gssize)size, NULL)) {
        http_refuse(error, "\"%s\" is not a text in UTF-8", name);
    } else {
        return dag_element_strdup(element, text);
    }
    return NULL;
}
