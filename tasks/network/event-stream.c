/* SPDX-License-Identifier: MIT */
#include "event-stream.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void
dag__event_stream_init(EventStream *stream, size_t limit, StreamEventHandler handler,
                       void *handler_data)
{
    *stream = (EventStream){
        .handler = handler,
        .handler_data = handler_data,
        .limit = limit,
        .line = g_string_new(NULL),
        .name = g_string_new(NULL),
        .data = g_string_new(NULL),
    };
}

void
dag__event_stream_clear(EventStream *stream)
{
    g_string_free(stream->line, TRUE);
    g_string_free(stream->name, TRUE);
    g_string_free(stream->data, TRUE);
}

/* Hand the event to the handler.  One without data is dropped. */
static void
end_event(EventStream *stream)
{
    GString *data = stream->data;

    if (data->len > 0) {
        g_string_truncate(data, data->len - 1); /* the LF after its last line */

        StreamEvent event = {stream->name->str, data->str, data->len};

        if (!stream->handler(&event, stream->handler_data))
            stream->state = STREAM_ENDED;
    }
    g_string_truncate(stream->name, 0);
    g_string_truncate(data, 0);
}

static bool
is_field(const char *line, size_t size, const char *name)
{
    return size == strlen(name) && memcmp(line, name, size) == 0;
}

/* Read a line: "FIELD: VALUE", "FIELD", or ": COMMENT".  Other fields than these are ignored. */
static void
read_field(EventStream *stream, const char *line, size_t size)
{
    const char *colon = size > 0 ? memchr(line, ':', size) : NULL;
    size_t n_name = colon ? (size_t)(colon - line) : size;
    size_t n_skipped = colon ? n_name + 1 : size;

    if (n_skipped < size && line[n_skipped] == ' ')
        n_skipped++;
    if (is_field(line, n_name, "data")) {
        g_string_append_len(stream->data, line + n_skipped, (gssize)(size - n_skipped));
        g_string_append_c(stream->data, '\n');
    } else if (is_field(line, n_name, "event")) {
        g_string_truncate(stream->name, 0);
        g_string_append_len(stream->name, line + n_skipped, (gssize)(size - n_skipped));
    }
}

static void
end_line(EventStream *stream)
{
    const GString *line = stream->line;
    size_t n_skipped = 0;

    if (!stream->is_behind_mark && g_str_has_prefix(line->str, BYTE_ORDER_MARK))
        n_skipped = strlen(BYTE_ORDER_MARK);
    stream->is_behind_mark = true;
    if (line->len == n_skipped)
        end_event(stream);
    else
        read_field(stream, line->str + n_skipped, line->len - n_skipped);
    g_string_truncate(stream->line, 0);
}

/* Return the number of bytes before the first CR or LF, or all. */
static size_t
line_length(const char *bytes, size_t size)
{
    size_t n = 0;

    while (n < size && bytes[n] != '\n' && bytes[n] != '\r')
        n++;
    return n;
}

StreamState
dag__event_stream_add(EventStream *stream, const char *bytes, size_t size)
{
    const char *end = bytes + size;

    while (bytes < end && stream->state == STREAM_GOES_ON) {
        if (stream->is_behind_cr && *bytes == '\n')
            bytes++;
        stream->is_behind_cr = false;

        size_t n = line_length(bytes, (size_t)(end - bytes));

        if (stream->line->len + stream->name->len + stream->data->len + n > stream->limit) {
            stream->state = STREAM_TOO_LARGE;
            break;
        }
        g_string_append_len(stream->line, bytes, (gssize)n);
        bytes += n;
        if (bytes == end)
            break;
        stream->is_behind_cr = *bytes++ == '\r';
        end_line(stream);
    }
    return stream->state;
}
