/* SPDX-License-Identifier: MIT */
/*
 * Characters that have to be escaped in XML, found in a file that the parser refused.  Most authors
 * of scripts forget some: the parser stops at the first of them, and names none.
 */
#pragma once

#include <dagrun/types.h>
#include <glib.h>
#include <stdbool.h>

/* Take a mistake at a byte of the text. */
typedef void (*MendReport)(void *data, size_t offset, const char *message);

/*
 * Report every "&" and "<" in text[length] that begins no reference or tag, and replace it by a
 * character that the parser accepts, so that it can go on and everything stays in its place.
 *
 * `is_script` tells whether the content of an element of this name is text without elements.
 * Does nothing in an encoding that is not a superset of ASCII.
 *
 * Returns: false if the rest of the text makes no sense, because a quote, or the end of a comment or section, is
 * missing.
 */
bool dag__mend(char *text, size_t length, bool (*is_script)(void *data, const char *name),
               MendReport report, void *data);
