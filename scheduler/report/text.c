/* SPDX-License-Identifier: MIT */
/*
 * Names and reasons come from files, programs and strerror(): before they reach a screen they
 * are made harmless, and measured in columns, which are neither bytes nor characters.
 */
#include "report/text.h"

#include <dagrun/duration.h>
#include <dagrun/graph.h>
#include <string.h>

#define ELLIPSIS "…"

/* Select graphic rendition, ECMA-48. */
static const char *const codes[] = {[TONE_PLAIN] = "",
                                    [TONE_DIM] = "\033[2m",
                                    [TONE_BOLD] = "\033[1m",
                                    [TONE_ALARM] = "\033[31m"};

/* Most text is, and needs no second look. */
static bool
is_plain_ascii(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

void
dag_text_append_clean(GString *out, const char *text)
{
    if (is_plain_ascii(text)) {
        g_string_append(out, text);
        return;
    }

    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        /* Invisible format characters, which can reverse a line, are dropped. */
        if (g_unichar_isprint(c) || g_unichar_ismark(c))
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
    size_t width = 0;

    for (const char *p = text; *p; p = g_utf8_next_char(p))
        width += columns_of(g_utf8_get_char(p));
    return width;
}

size_t
dag_text_append_fitted(GString *out, const char *text, size_t width)
{
    const char *end = text;          /* of what fits beside an ellipsis */
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

void
dag__text_begin(GString *out, DagTextStyle style, Tone tone)
{
    if (style.color)
        g_string_append(out, codes[tone]);
}

void
dag__text_end(GString *out, DagTextStyle style, Tone tone)
{
    if (style.color && tone != TONE_PLAIN)
        g_string_append(out, "\033[0m");
}

void
dag__text_line(GString *out, DagTextStyle style, Tone tone, const char *format, ...)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);

    dag_text_append_clean(clean, text);
    dag__text_begin(out, style, tone);
    dag_text_append_fitted(out, clean->str, style.width ? style.width : SIZE_MAX);
    dag__text_end(out, style, tone);
    g_string_append_c(out, '\n');
}

void
dag__text_append_chain(GString *out, const DagGraph *graph, DagIds chain)
{
    enum { N_FIRST = 5, N_LAST = 3 }; /* about as much as fits on two lines */

    for (size_t i = 0; i < chain.n; i++) {
        if (i > 0)
            g_string_append(out, " → ");
        if (i == N_FIRST && chain.n > N_FIRST + N_LAST + 1) {
            g_string_append(out, ELLIPSIS " → ");
            i = chain.n - N_LAST;
        }
        g_string_append(out, dag_graph_task_name(graph, chain.ids[i]));
    }
}

void
dag__text_append_seconds(GString *out, double seconds)
{
    char buffer[DAG_DURATION_SIZE];
    double ns = seconds * 1e9;

    /* 2^63 is the first double that an int64_t cannot hold. */
    g_string_append(
        out, dag_duration_format(ns < 0x1p63 ? (int64_t)(ns + 0.5) : INT64_MAX, buffer));
}
