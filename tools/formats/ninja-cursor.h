/* SPDX-License-Identifier: MIT */
/*
 * A position in the text of a ninja file, and steps over what stands there.  The text ends with a zero.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct NinjaCursor {
    const char *at;
    unsigned line; /* from 1 */
} NinjaCursor;

/* Skip spaces, and line ends after "$". */
void ninja_skip_spaces(NinjaCursor *cursor);

bool ninja_is_line_end(const NinjaCursor *cursor);

/* Go to the next line. */
void ninja_end_line(NinjaCursor *cursor);

/* Return the length of the raw text up to a character of `stops`, or the end of the line; count the
 * lines in it. */
size_t ninja_raw_length(NinjaCursor *cursor, const char *stops);

/* Return the length of the name at the beginning of `text`, or 0. */
size_t ninja_name_length(const char *text);
