/* SPDX-License-Identifier: MIT */
/*
 * Names of files that are called as a task.
 */
#pragma once

#include <dagrun/graph.h>

/* Return the task's name and the suffix, with characters replaced that a file name cannot have, and
 * shortened if it is too long; free with g_free().  Two tasks never get the same name. */
char *dag__file_name(const DagGraph *graph, DagTaskId id, const char *suffix);

/* Return the text with characters replaced that a file name cannot have; free with g_free(). */
char *dag__harmless_name(const char *text);
