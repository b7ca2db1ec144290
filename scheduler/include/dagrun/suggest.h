/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean": the candidate nearest to a misspelt word.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The search for one word. */
typedef struct DagSuggestion {
    const char *wanted; /* borrowed */
    const char *best;   /* the nearest candidate so far, or NULL; borrowed */
    unsigned distance;  /* of best */
} DagSuggestion;

/* Return a suggestion for `wanted` without a candidate. */
DagSuggestion dag_suggestion(const char *wanted);

/* Take `candidate` if it is nearer than all before and near enough: at most two letters inserted,
 * deleted, replaced or swapped, and fewer than half of the letters in `wanted`.  In two letters, one
 * may be missing, or both may be swapped. */
void dag_suggestion_consider(DagSuggestion *suggestion, const char *candidate);

/* Return "; did you mean \"best\"?", or "" without a candidate; free with g_free(). */
char *dag_suggestion_text(const DagSuggestion *suggestion);

G_END_DECLS
