/* SPDX-License-Identifier: MIT */
#include "report/xml-text.h"

#include "model/invisible.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Return the escape of a character of markup, or NULL. */
static const char *
escape_of(gunichar c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

static void
append_char(GString *out, gunichar c, XmlLines lines)
{
    const char *escape = escape_of(c);

    if (escape)
        g_string_append(out, escape);
    else if (lines == XML_LINES && (c == '\n' || c == '\t'))
        g_string_append_c(out, (char)c);
    else if (c == '\t' || c == '\n' || c == '\r')
        g_string_append_c(out, ' ');
    else if (g_unichar_iscntrl(c) || dag__is_invisible(c) || (c & 0xfffe) == 0xfffe)
        g_string_append(out, REPLACEMENT);
    else
        g_string_append_unichar(out, c);
}

void
dag__xml_append(GString *out, const char *text, XmlLines lines)
{
    while (*text) {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append(out, REPLACEMENT);
            text++;
            continue;
        }
        append_char(out, c, lines);
        text = g_utf8_next_char(text);
    }
}
