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
typedef struct ResultDemands {
    bool is_json;
    bool may_be_fenced;             /* a code fence around the JSON is removed */
    const JsonSchema *schema;       /* or NULL */
    const GRegex *match;            /* found anywhere in the text; or NULL */
    int64_t min_length, max_length; /* characters; max_length 0: no limit */
} ResultDemands;

/*
 * Check the answer.  If it must be JSON, a code fence around all of it is removed first.
 * Returns: the faults, one line each; or NULL.  Free with g_free().
 */
char *dag__result_check(const ResultDemands *demands, GString *text);
