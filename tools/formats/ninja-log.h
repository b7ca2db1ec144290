/* SPDX-License-Identifier: MIT */
/*
 * The durations of earlier builds by ninja.
 */
#pragma once

#include "formats/format.h"

/*
 * Set the costs of tasks to the durations in the file .ninja_log beside `text`, if there is one; the last
 * line of an output counts.  `producers` maps the path of an output to the number of its task, plus 1.
 */
void ninja_log_read(const ImportText *text, GHashTable *producers, ImportedGraph *graph);
