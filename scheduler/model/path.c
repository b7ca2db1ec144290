/* SPDX-License-Identifier: MIT */
/*
 * g_canonicalize_filename() takes "/" for the working directory if that cannot be found, for instance
 * because it was deleted.  Then "data" would be "/data", another file, so this asks first.
 */
#include "model/path.h"

#include <dagrun/error.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

char *
dag__absolute_path(const char *path, const char *directory, GError **error)
{
    char *working = NULL, *result;

    if (!directory && !g_path_is_absolute(path)) {
        working = getcwd(NULL, 0);
        if (!working) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                        "\"%s\" is relative, and the working directory cannot be found: %s",
                        path, errno == ENOENT ? "it was deleted" : g_strerror(errno));
            return NULL;
        }
    }
    result = g_canonicalize_filename(path, working ? working : directory);
    free(working);
    return result;
}
