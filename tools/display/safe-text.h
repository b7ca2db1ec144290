/* SPDX-License-Identifier: MIT */
/*
 * Text for people, made of parts that come from elsewhere: secrets are masked, and nothing in it can
 * disturb a terminal or imitate a line of a report.
 */
#pragma once

#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>

/*
 * Append `size` bytes of text in lines.  Newlines, tabs and, if `has_color`, the sequences DAG_ANSI_*
 * stay; other control sequences do not.
 */
void safe_text_append(GString *out, const char *text, size_t size, bool has_color);

/*
 * Append like g_string_append_vprintf(), with every string argument made harmless and kept on its
 * line; an argument that is one of DAG_ANSI_* stays.  Knows the conversions s, d, u, f and %, with the
 * length modifiers l and z.
 */
void safe_text_append_format(GString *out, const char *format, va_list args)
    G_GNUC_PRINTF(2, 0);
