/* SPDX-License-Identifier: MIT */
/*
 * Server-sent events, read as they arrive (WHATWG, HTML Living Standard, "Server-sent events").
 *
 * Lines end with LF, CR or CRLF, wherever the transfer cuts them, and at no other character.  The
 * data lines of an event are joined with LF.  An event that no empty line ends is dropped, as the
 * standard says.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* An event that has arrived.  The texts belong to the stream, until the function returns. */
typedef struct StreamEvent {
    const char *name; /* "" unless the event has one */
    const char *data; /* any bytes, and a NUL after them */
    size_t size;      /* of data */
} StreamEvent;

/* Called with each event.  Returns: false to read no more. */
typedef bool (*StreamEventHandler)(const StreamEvent *event, void *data);

/* The state of a stream. */
typedef enum StreamState {
    STREAM_GOES_ON,
    STREAM_ENDED,     /* the handler wanted no more */
    STREAM_TOO_LARGE, /* an event had more than `limit` bytes */
} StreamState;

/* A stream that is being read. */
typedef struct EventStream {
    StreamEventHandler handler;
    void *handler_data;
    size_t limit;  /* bytes of one event, with its names and unfinished line */
    GString *line; /* that has not ended */
    GString *name;
    GString *data;
    StreamState state;
    bool is_behind_cr;   /* a LF would belong to the line before */
    bool is_behind_mark; /* a byte-order mark may only stand at the beginning */
} EventStream;

/* Prepare a stream, to be cleared with dag__event_stream_clear(). */
void dag__event_stream_init(EventStream *stream, size_t limit, StreamEventHandler handler,
                            void *handler_data);
void dag__event_stream_clear(EventStream *stream);

/* Read the next bytes; call the handler with each event that they end.  After the end of the
 * stream they are ignored. */
StreamState dag__event_stream_add(EventStream *stream, const char *bytes, size_t size);
