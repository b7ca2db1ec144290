/* SPDX-License-Identifier: MIT */
/*
 * How outputs get files with names.
 */
#pragma once

#include "output/spool.h"

#include <dagrun/run-files.h>

/* A file that is to be made. */
typedef struct RunFile {
    const char *name; /* without "/" */
    DagReaders readers;
    DagSpool *content; /* complete; nothing else reads it meanwhile.  NULL: empty */
} RunFile;

/*
 * Make a file with a name.  The file of a large output gets the name, a small output is copied; the
 * caller frees the content afterwards.
 * Returns: its absolute path, to be freed with g_free(); NULL with DAG_ERROR_IO.
 */
char *dag__run_files_add(DagRunFiles *files, const RunFile *file, GError **error);
