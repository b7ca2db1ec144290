/* SPDX-License-Identifier: MIT */
/*
 * Text for a terminal, measured in columns, and for JSON; names of environment variables.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Select graphic rendition (ECMA-48): the escape sequences of all text for terminals. */
#define DAG_ANSI_RED "\033[31m"
/* Bold text. */
#define DAG_ANSI_BOLD "\033[1m"
/* Faint text. */
#define DAG_ANSI_DIM "\033[2m"
/* The end of all of them. */
#define DAG_ANSI_RESET "\033[0m"

/*
 * Append foreign text so that it cannot disturb a terminal: valid UTF-8 on one line.  ASCII
 * control characters become spaces, other control characters and those that change the writing
 * direction U+FFFD; other invisible characters are dropped.
 */
void dag_text_append_clean(GString *out, const char *text);

/* Return the number of columns that clean text takes on a terminal. */
size_t dag_text_width(const char *text);

/*
 * Append clean text, or as much of it as fits into `width` columns with an ellipsis.
 * Returns: the columns taken.
 */
size_t dag_text_append_fitted(GString *out, const char *text, size_t width);

/* Append the text as a JSON string with its quotes; bytes that are not UTF-8 are replaced.
 * Characters that could disturb a terminal are escaped. */
void dag_text_append_json(GString *out, const char *text);

/* Return true if the name of an environment variable, or of a parameter, can have this character. */
static inline bool
dag_text_is_variable_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

/* Return the length of such a name at the start of `text`; 0: there is none. */
static inline size_t
dag_text_variable_length(const char *text)
{
    size_t n = 0;

    while (dag_text_is_variable_byte(text[n]))
        n++;
    return g_ascii_isdigit(*text) ? 0 : n;
}

/* The values of a graph's secret parameters.  Immutable, reference counted; any thread. */
typedef struct DagMask DagMask;

/* Replace the secrets in `text` from `start` on with "***".  `mask` may be NULL: there are none. */
void dag_mask_text(const DagMask *mask, GString *text, size_t start);

/* Replace the secrets in `text`, and the texts of `more`, a list that ends with NULL.  Where they overlap, or one is a
 * part of another, all of it is replaced. */
void dag_mask_text_and(const DagMask *mask, const char *const *more, GString *text);

/* Release a reference.  `mask` may be NULL. */
void dag_mask_unref(DagMask *mask);

G_END_DECLS
