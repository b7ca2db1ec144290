/* SPDX-License-Identifier: MIT */
/*
 * Text for people, made of parts that come from elsewhere: secrets are masked, and nothing in it can
 * disturb a terminal or imitate a line of a report.
 */
#pragma once

#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>

/* The colours of the program's own text.  As an argument of safe_text_append_format(), only these
 * arrays are colours: a text from elsewhere with the same bytes is not. */
extern const char safe_text_red[], safe_text_dim[], safe_text_reset[];

/*
 * Append `size` bytes of text in lines.  Newlines, tabs and, if `has_color`, the sequences DAG_ANSI_*
 * stay; other control sequences do not.  Text with parts that are not clean has no colours.
 */
void safe_text_append(GString *out, const char *text, size_t size, bool has_color);

/* Return whether the text is printable ASCII, newlines and tabs, so it is harmless as it is. */
bool safe_text_is_plain(const char *text, size_t size);

/*
 * Append like g_string_append_vprintf(), with every string argument made harmless and kept on its
 * line, except for safe_text_red and its like.  Knows the conversions s, d, u, f and %, with the
 * length modifiers l and z.
 */
void safe_text_append_format(GString *out, const char *format, va_list args)
    G_GNUC_PRINTF(2, 0);
