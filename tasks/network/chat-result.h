/* SPDX-License-Identifier: MIT */
/*
 * The demands of a task on an answer.
 */
#pragma once

#include "json-schema.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The demands.  All is borrowed. */
typedef struct ChatDemands {
    bool is_json;
    const JsonSchema *schema;       /* or NULL */
    const GRegex *match;            /* found anywhere in the text; or NULL */
    int64_t min_length, max_length; /* characters; max_length 0: no limit */
} ChatDemands;

/*
 * Check the answer.  If it must be JSON, a code fence around all of it is removed first.
 * Returns: the faults, one line each; or NULL.  Free with g_free().
 */
char *dag__chat_result_check(const ChatDemands *demands, GString *text);
