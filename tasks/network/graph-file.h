/* SPDX-License-Identifier: MIT */
/*
 * Files that are part of the graph: they are read with it.
 */
#pragma once

#include <dagrun/kind.h>

/* Return the text of a file, relative to the graph, which lives as long as the graph.
 * Returns: NULL with DAG_ERROR_INVALID if it is no regular file in UTF-8 of up to 8 MiB. */
const char *graph_file_read(DagElement *element, const char *name, GError **error);
