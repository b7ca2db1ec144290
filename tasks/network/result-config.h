/* SPDX-License-Identifier: MIT */
/*
 * The declaration <result>: the demands of a task on an answer.
 */
#pragma once

#include <dagrun/kind.h>

/* All zero: no demands. */
typedef struct ResultConfig {
    bool is_given;
    bool wants_json;
    const char *schema;             /* the text of a schema, or NULL */
    const char *match;              /* a regular expression, or NULL */
    int64_t min_length, max_length; /* characters; max_length 0: no limit */
    int repair;                     /* how often the answer may be asked for again */
} ResultConfig;

/* Its attributes, for the tables of kinds. */
#define RESULT_N_ATTRIBUTES 6
extern const DagAttribute result_attributes[RESULT_N_ATTRIBUTES];

/* Read <result> in `parent`, if there is one.  A schema is read, too, to find its mistakes before anything runs. */
bool result_read(DagElement *parent, ResultConfig *result_out, GError **error);

/*
 * Check an answer.  If it must be JSON, and `may_be_fenced`, a code fence around all of it is removed first.
 * Returns: the faults, one line each; or NULL.  Free with g_free().
 */
char *result_faults(const ResultConfig *result, bool may_be_fenced, GString *text);

/* Return a text that is the same for the same demands; free with g_free(). */
char *result_key(const ResultConfig *result);
