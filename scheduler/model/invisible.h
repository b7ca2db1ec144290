/* SPDX-License-Identifier: MIT */
/*
 * Characters that show nothing and change the text around them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Return true for format characters (zero-width, changes of the writing direction) and separators of
 * lines and paragraphs. */
static inline bool
dag__is_invisible(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
           type == G_UNICODE_PARAGRAPH_SEPARATOR;
}
