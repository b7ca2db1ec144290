/* SPDX-License-Identifier: MIT */
/*
 * Text for a screen, measured in columns, which are neither bytes nor characters; and for JSON.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

/*
 * Appends foreign text so that it cannot disturb the screen: valid UTF-8, on one line, without
 * control characters.
 */
void dag_text_append_clean(GString *out, const char *text);

/* Returns: the columns that clean text takes on a screen. */
size_t dag_text_width(const char *text);

/*
 * Appends clean text, or as much of it as fits into `width` columns with an ellipsis.
 * Returns: the columns it took.
 */
size_t dag_text_append_fitted(GString *out, const char *text, size_t width);

/* Appends a JSON string of the text, with its quotes; what is not UTF-8 is replaced. */
void dag_text_append_json(GString *out, const char *text);

G_END_DECLS
