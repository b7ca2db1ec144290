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

/* Returns: a suggestion for `wanted` with no candidate yet. */
DagSuggestion dag_suggestion(const char *wanted);

/* Takes `candidate` if it is nearer than all before, and near enough to be meant: at most two
 * letters inserted, deleted, replaced or swapped, and fewer than half of what was written. */
void dag_suggestion_consider(DagSuggestion *suggestion, const char *candidate);

/* Returns: "; did you mean \"best\"?", or "" without one; free with g_free(). */
char *dag_suggestion_text(const DagSuggestion *suggestion);

G_END_DECLS
