/* SPDX-License-Identifier: MIT */
/*
 * Relative and absolute paths.
 */
#pragma once

#include <glib.h>

/*
 * Make a path absolute and canonical, without a look at the file system.  A relative path starts in
 * `directory`; NULL: in the working directory.
 * Returns: the path, to be freed with g_free(); NULL with DAG_ERROR_IO if the working directory is
 *   needed and cannot be found.
 */
char *dag__absolute_path(const char *path, const char *directory, GError **error);
