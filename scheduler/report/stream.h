/* SPDX-License-Identifier: MIT */
/*
 * The text of a report that is passed on piece by piece, so that a report of any length takes no
 * memory but one piece.
 */
#pragma once

#include <dagrun/report.h>

typedef struct Stream {
    GString *text;             /* the end of the report, which was not passed on yet */
    const DagReportSink *sink; /* borrowed; NULL: the whole report stays in `text` */
    bool is_over;              /* the sink wants no more: end the report early */
} Stream;

/* Large enough that passing a piece on costs little per byte, small enough for the cache. */
#define STREAM_PIECE 65536

/* Return a stream to `sink`.  Its end passes the rest of the text on. */
static inline Stream
stream_to(const DagReportSink *sink)
{
    return (Stream){.text = g_string_sized_new((gsize)2 * STREAM_PIECE), .sink = sink};
}
void dag__stream_end(Stream *stream);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stream, dag__stream_end)

/* Pass the text on. */
void dag__stream_flush(Stream *stream);

/* Pass the text on if it is large enough.  Call it once for each item of a list.
 * Returns: false if the report should end early. */
static inline bool
stream_relieve(Stream *stream)
{
    if (stream->sink && stream->text->len >= STREAM_PIECE)
        dag__stream_flush(stream);
    return !stream->is_over;
}

/* Return the place for `n` more bytes at the end of the text.  Then call stream_end(). */
static inline char *
stream_reserve(Stream *stream, size_t n)
{
    GString *text = stream->text;
    size_t length = text->len;

    if (text->allocated_len - length <= n) {
        g_string_set_size(text, length + n);
        text->len = length;
    }
    return text->str + length;
}

/* Set the end of the text, within the bytes reserved. */
static inline void
stream_end(Stream *stream, char *end)
{
    *end = '\0';
    stream->text->len = (size_t)(end - stream->text->str);
}

/*
 * Append a text in quotes if it is printable ASCII without the characters in `special`, as nearly
 * all names are.
 * Returns: false, with nothing appended, if it is not.
 */
bool dag__stream_quote(Stream *stream, const char *text, const char *special);

/* Digits of UINT64_MAX. */
#define MAX_DIGITS 20

/* Write the digits of a number at `at`, with zeros before it up to `n_least` digits.  printf()
 * takes several times as long, which counts if there are millions of numbers.
 * Returns: the end. */
char *dag__put_digits(char *at, uint64_t value, size_t n_least);
