/* SPDX-License-Identifier: MIT */
/*
 * Programs that write to a pipe fill a buffer and write it when it is full, so a piece of output
 * often ends in the middle of a line.  An error message that arrives then would be in the middle of
 * that line.  So text of one stream waits while a line of the other is open.  It does not wait for
 * long, since a progress bar may be one line for an hour, and a person may read the log.
 *
 * The index is a list of lengths: of output, of errors, of output, and so on.  A length takes a byte
 * or two, so the index is small beside the text.  A transcript without errors has none.
 */
#include "output/transcript.h"

#include <dagrun/duration.h>
#include <errno.h>
#include <string.h>

#define HOLD_NS   1000000000 /* a person notices a longer delay */
#define HOLD_SIZE 65536      /* more is no message beside a line */

struct StreamRuns {
    GByteArray *lengths; /* of all runs but the last, 7 bits a byte, the lowest first */
    DagStream last;      /* the stream of the last run */
    uint64_t n_last;     /* its length */
    uint64_t n_bytes[2]; /* by stream */
};

static StreamRuns *
stream_runs_new(uint64_t n_output)
{
    StreamRuns *runs = g_new(StreamRuns, 1);

    *runs = (StreamRuns){.lengths = g_byte_array_new(),
                         .last = DAG_STREAM_OUTPUT,
                         .n_last = n_output,
                         .n_bytes = {[DAG_STREAM_OUTPUT] = n_output}};
    return runs;
}

void
dag__stream_runs_free(StreamRuns *runs)
{
    if (!runs)
        return;
    g_byte_array_unref(runs->lengths);
    g_free(runs);
}

static void
append_length(GByteArray *lengths, uint64_t length)
{
    do {
        uint8_t byte = (length & 0x7f) | (length > 0x7f ? 0x80 : 0);

        g_byte_array_append(lengths, &byte, 1);
        length >>= 7;
    } while (length > 0);
}

static void
stream_runs_add(StreamRuns *runs, DagStream stream, size_t size)
{
    if (stream != runs->last) {
        append_length(runs->lengths, runs->n_last);
        runs->last = stream;
        runs->n_last = 0;
    }
    runs->n_last += size;
    runs->n_bytes[stream] += size;
}

/* Append to the spool and to its index. */
static void
put(TranscriptWriter *writer, DagStream stream, const char *bytes, size_t size)
{
    StreamRuns **runs = dag__spool_runs(writer->spool);

    if (size == 0)
        return;
    if (!*runs && stream == DAG_STREAM_ERRORS)
        *runs = stream_runs_new(dag_spool_size(writer->spool));
    if (*runs)
        stream_runs_add(*runs, stream, size);
    dag__spool_write(writer->spool, bytes, size);
    writer->stream = stream;
    writer->line_is_open = bytes[size - 1] != '\n';
    if (writer->follow)
        writer->follow(stream, bytes, size, writer->data);
}

static DagStream
other(DagStream stream)
{
    return stream == DAG_STREAM_OUTPUT ? DAG_STREAM_ERRORS : DAG_STREAM_OUTPUT;
}

/* Append the held text, after a newline if a line is still open. */
static void
release_held(TranscriptWriter *writer)
{
    GString *held = g_steal_pointer(&writer->held);
    DagStream stream = other(writer->stream);

    if (!held)
        return;
    if (writer->line_is_open)
        put(writer, writer->stream, "\n", 1);
    put(writer, stream, held->str, held->len);
    g_string_free(held, TRUE);
}

static void
hold(TranscriptWriter *writer, const char *bytes, size_t size)
{
    if (!writer->held) {
        writer->held = g_string_new(NULL);
        writer->held_since_ns = dag_clock_ns();
    }
    g_string_append_len(writer->held, bytes, (gssize)size);
}

/* Put or hold bytes.  Returns: how many; the rest comes after text that was held until here. */
static size_t
put_or_hold(TranscriptWriter *writer, DagStream stream, const char *bytes, size_t size)
{
    const char *newline = writer->held ? memchr(bytes, '\n', size) : NULL;
    size_t n = newline ? (size_t)(newline - bytes) + 1 : size;

    if (writer->line_is_open && stream != writer->stream) {
        hold(writer, bytes, size);
        return size;
    }
    put(writer, stream, bytes, n);
    if (newline)
        release_held(writer);
    return n;
}

void
dag__transcript_write(TranscriptWriter *writer, DagStream stream, const char *bytes,
                      size_t size)
{
    if (size == 0)
        return;
    for (size_t n; size > 0; bytes += n, size -= n)
        n = put_or_hold(writer, stream, bytes, size);
    if (writer->held && (writer->held->len > HOLD_SIZE ||
                         dag_clock_ns() - writer->held_since_ns >= HOLD_NS))
        release_held(writer);
}

bool
dag__transcript_borrow(TranscriptWriter *writer, DagSpool *output, const char *bytes,
                       size_t size)
{
    if (writer->held || *dag__spool_runs(writer->spool) ||
        !dag__spool_borrow(writer->spool, output, size))
        return false;
    writer->stream = DAG_STREAM_OUTPUT;
    writer->line_is_open = bytes[size - 1] != '\n';
    if (writer->follow)
        writer->follow(DAG_STREAM_OUTPUT, bytes, size, writer->data);
    return true;
}

void
dag__transcript_finish(TranscriptWriter *writer)
{
    release_held(writer);
    *writer = (TranscriptWriter){0};
}

/* The bytes of one stream, on their way from a spool to a taker. */
typedef struct StreamFilter {
    const StreamRuns *runs;
    DagStream wanted;
    DagStream stream; /* of the present run */
    uint64_t n_left;  /* bytes of the present run */
    guint at;         /* the next run's place in `lengths` */
    DagSpoolTaker take;
    void *data;
} StreamFilter;

/* Read the length of the next run. */
static void
enter_run(StreamFilter *filter)
{
    const GByteArray *lengths = filter->runs->lengths;

    filter->n_left = 0;
    if (filter->at >= lengths->len) {
        filter->n_left = filter->runs->n_last;
        return;
    }
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = lengths->data[filter->at++];

        filter->n_left |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return;
    }
}

/* A DagSpoolTaker. */
static bool
filter_piece(const char *bytes, uint64_t size, void *data)
{
    StreamFilter *filter = data;

    while (size > 0) {
        uint64_t n;

        while (filter->n_left == 0) {
            filter->stream = other(filter->stream);
            enter_run(filter);
        }
        n = MIN(size, filter->n_left);
        if (filter->stream == filter->wanted && !filter->take(bytes, n, filter->data))
            return false;
        filter->n_left -= n;
        size -= n;
        bytes = bytes ? bytes + n : NULL;
    }
    return true;
}

uint64_t
dag_spool_stream_size(const DagSpool *spool, DagStream stream)
{
    g_return_val_if_fail(spool, 0);

    const StreamRuns *runs = *dag__spool_runs((DagSpool *)spool);

    if (runs)
        return runs->n_bytes[stream];
    return stream == DAG_STREAM_OUTPUT ? dag_spool_size(spool) : 0;
}

int
dag_spool_read_stream(const DagSpool *spool, DagStream stream, DagSpoolTaker take,
                      void *data)
{
    g_return_val_if_fail(spool && take, EINVAL);

    StreamFilter filter = {.runs = *dag__spool_runs((DagSpool *)spool),
                           .wanted = stream,
                           .stream = DAG_STREAM_OUTPUT,
                           .take = take,
                           .data = data};

    if (!filter.runs)
        return stream == DAG_STREAM_OUTPUT ? dag_spool_read(spool, take, data) : 0;
    enter_run(&filter);
    return dag_spool_read(spool, filter_piece, &filter);
}
