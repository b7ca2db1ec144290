/* SPDX-License-Identifier: MIT */
/*
 * The parts of the key of a request in a memory (dagrun/memory.h).  The key by which a server knows a
 * repeated request is none of them, since it differs in each run.
 */
#pragma once

#include "http-config.h"

#include <dagrun/memory.h>

/* Return the texts that determine what a task makes of an answer, of char *, or NULL; free with
 * g_ptr_array_unref(). */
GPtrArray *request_demands(const HttpConfig *config);

/* Add a part "demands" of such texts. */
void request_identify_demands(const GPtrArray *demands, DagKey *key);

/* Add the content of a file with a name that may be relative to the directory of the task.
 * Returns: false with `error` set. */
bool request_identify_file(const DagTemplate *name, DagContext *context, DagKey *key,
                           GError **error);

/* Add all that determines the request and its answer; its credentials only if `has_key`.
 * Returns: false with `error` set. */
bool request_identify(const HttpConfig *config, bool has_key, DagContext *context,
                      DagKey *key, GError **error);
