/* SPDX-License-Identifier: MIT */
/*
 * Reports in pieces.
 */
#include "report/stream.h"

#include <string.h>

void
dag__stream_flush(Stream *stream)
{
    const GString *text = stream->text;

    if (!stream->sink)
        return;
    if (!stream->is_over && text->len > 0)
        stream->is_over = !stream->sink->write(text->str, text->len, stream->sink->data);
    g_string_truncate(stream->text, 0);
}

void
dag__stream_end(Stream *stream)
{
    dag__stream_flush(stream);
    g_string_free(stream->text, TRUE);
}

bool
dag__stream_quote(Stream *stream, const char *text, const char *special)
{
    size_t n = strcspn(text, special);
    char *start;

    if (text[n])
        return false;
    for (size_t i = 0; i < n; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    start = stream_reserve(stream, n + 2);
    start[0] = start[n + 1] = '"';
    memcpy(start + 1, text, n);
    stream_end(stream, start + n + 2);
    return true;
}

char *
dag__put_digits(char *at, uint64_t value, size_t n_least)
{
    char digits[MAX_DIGITS]; /* in reverse */
    size_t n = 0;

    for (; value > 0 || n < n_least; value /= 10)
        digits[n++] = (char)('0' + value % 10);
    while (n > 0)
        *at++ = digits[--n];
    return at;
}
