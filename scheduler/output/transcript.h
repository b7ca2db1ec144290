/* SPDX-License-Identifier: MIT */
/*
 * The transcript of a task: its output and its error messages in one spool, in the order in which
 * they arrived, and an index of the bytes of each stream.
 */
#pragma once

#include "output/spool.h"

/* The lengths of the pieces of a transcript, which belong to the two streams in turn. */
typedef struct StreamRuns StreamRuns;

void dag__stream_runs_free(StreamRuns *runs);

/* Writes a transcript.  All zero but for the spool, it is ready.  Used by one thread. */
typedef struct TranscriptWriter {
    DagSpool *spool;       /* borrowed */
    DagStream stream;      /* of the last byte written */
    bool line_is_open;     /* the last byte is no newline */
    GString *held;         /* of the other stream, until the open line ends; or NULL */
    int64_t held_since_ns; /* time of the first byte held */
    /* Called with all text that is written, or NULL. */
    void (*follow)(DagStream stream, const char *bytes, size_t size, void *data);
    void *data; /* passed to follow() */
} TranscriptWriter;

/*
 * Append bytes of one stream.  A line of one stream is never put into a line of the other: it waits
 * until that one ends, or for a second.  Then a newline is inserted.
 */
void dag__transcript_write(TranscriptWriter *writer, DagStream stream, const char *bytes,
                           size_t size);

/*
 * Append output, the last `size` bytes of which are `bytes`, without a copy of it.
 * Returns: false, with nothing appended, if that is not possible; see dag__spool_borrow().
 */
bool dag__transcript_borrow(TranscriptWriter *writer, DagSpool *output, const char *bytes,
                            size_t size);

/* Append the text that still waits, and make the writer ready for another spool. */
void dag__transcript_finish(TranscriptWriter *writer);
