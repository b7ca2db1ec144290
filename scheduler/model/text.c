/* SPDX-License-Identifier: MIT */
/*
 * Names and reasons come from files, programs and strerror().  Before they reach a screen they
 * are made harmless, and measured in columns, which are neither bytes nor characters.
 */
#include <dagrun/text.h>
#include <stdbool.h>
#include <string.h>

#define ELLIPSIS "…"

/* Return true if the text can be shown as it is, as nearly all text can. */
static bool
is_plain_ascii(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* Return true if the character could move the cursor of a terminal or reverse the line. */
static bool
is_dangerous(gunichar c)
{
    return c == 0x7f || (c >= 0x80 && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

void
dag_text_append_clean(GString *out, const char *text)
{
    g_return_if_fail(out && text);
    if (is_plain_ascii(text)) {
        g_string_append(out, text);
        return;
    }

    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (is_dangerous(c))
            g_string_append_unichar(out, 0xfffd);
        else if (g_unichar_isprint(c) || g_unichar_ismark(c))
            g_string_append_unichar(out, c);
        else if (!g_unichar_iszerowidth(c))
            g_string_append_c(out, ' ');
    }
}

static size_t
columns_of(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

size_t
dag_text_width(const char *text)
{
    g_return_val_if_fail(text, 0);

    size_t width = 0;

    for (const char *p = text; *p; p = g_utf8_next_char(p))
        width += (unsigned char)*p < 0x80 ? 1 : columns_of(g_utf8_get_char(p));
    return width;
}

size_t
dag_text_append_fitted(GString *out, const char *text, size_t width)
{
    g_return_val_if_fail(out && text, 0);

    const char *end = text;          /* of the part that fits beside an ellipsis */
    size_t used = 0, used_until = 0; /* all columns so far; those before `end` */

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        used += columns_of(g_utf8_get_char(p));
        if (used > width) {
            g_string_append_len(out, text, end - text);
            g_string_append(out, width > 0 ? ELLIPSIS : "");
            return width > 0 ? used_until + 1 : 0;
        }
        if (used < width) {
            end = g_utf8_next_char(p);
            used_until = used;
        }
    }
    g_string_append(out, text);
    return used;
}
