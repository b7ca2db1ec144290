/* SPDX-License-Identifier: MIT */
/*
 * A line is written with one call as soon as a request has ended, so that a run that is killed leaves the lines
 * before.  Equal requests are in one queue, in the order of the file.
 */
#include "recording.h"

#include "recorded-exchange.h"
#include "recorded-stream.h"
#include "recording-difference.h"
#include "statuses.h"
#include "write-all.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_LINE "{\"dagrun_requests\":1}\n"

struct Recording {
    char *path;
    int fd;               /* of a file that is written, or -1 */
    char *problem;        /* the first one, by which lines are missing; or NULL */
    GPtrArray *exchanges; /* of RecordedExchange, owned: those of a file that was read */
    GHashTable *queues;   /* text of a request to GQueue of RecordedExchange, which wait */
};

static void
queue_free(gpointer data)
{
    g_queue_free(data);
}

static Recording *
new_recording(const char *path)
{
    Recording *recording = g_new0(Recording, 1);

    recording->path = g_strdup(path);
    recording->fd = -1;
    recording->exchanges =
        g_ptr_array_new_with_free_func((GDestroyNotify)recorded_exchange_free);
    recording->queues = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, queue_free);
    return recording;
}

/* Note an error of writing, unless there was one before. */
static void
note_error(Recording *recording, int code)
{
    if (!recording->problem)
        recording->problem =
            g_strdup_printf("cannot write \"%s\": %s", recording->path, g_strerror(code));
}

static void
write_line(Recording *recording, const char *line, size_t size)
{
    if (!recording->problem && !write_all(recording->fd, line, size))
        note_error(recording, errno);
}

Recording *
recording_new(const char *path, GError **error)
{
    Recording *recording = new_recording(path);
    struct stat status;

    /* A FIFO must have a reader, which may be slow afterwards. */
    recording->fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (recording->fd < 0 || fcntl(recording->fd, F_SETFL, O_APPEND) < 0)
        note_error(recording, errno);
    /* Answers may be confidential: also a file that was there before is the user's alone. */
    else if (fstat(recording->fd, &status) == 0 && S_ISREG(status.st_mode) &&
             fchmod(recording->fd, 0600) < 0)
        note_error(recording, errno);
    write_line(recording, FIRST_LINE, strlen(FIRST_LINE));
    if (!recording->problem)
        return recording;
    recording_close(recording, error);
    return NULL;
}

/* Add an exchange that was read to the queue of its request. */
static void
add_read(Recording *recording, RecordedExchange *exchange)
{
    char *text = recorded_request_text(&exchange->request);
    GQueue *queue = g_hash_table_lookup(recording->queues, text);

    g_ptr_array_add(recording->exchanges, exchange);
    if (queue) {
        g_free(text);
    } else {
        queue = g_queue_new();
        g_hash_table_insert(recording->queues, text, queue);
    }
    g_queue_push_tail(queue, exchange);
}

/* Read one line.  Returns: false with DAG_ERROR_INVALID. */
static bool
read_line(Recording *recording, const char *line, size_t size, unsigned number,
          GError **error)
{
    RecordedExchange *exchange;

    if (number == 1 &&
        (size != strlen(FIRST_LINE) - 1 || memcmp(line, FIRST_LINE, size) != 0)) {
        g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID,
                            "not the beginning of recorded requests");
        return false;
    }
    if (number == 1)
        return true;
    exchange = recorded_exchange_read(line, size, error);
    if (!exchange)
        return false;
    exchange->line = number;
    add_read(recording, exchange);
    return true;
}

static bool
read_lines(Recording *recording, const char *bytes, size_t size, GError **error)
{
    const char *end = bytes + size;
    unsigned number = 1;
    g_autoptr(GError) problem = NULL;

    for (const char *line = bytes, *next; line < end || number == 1; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));

        next = newline ? newline + 1 : end;
        if (!newline)
            g_set_error_literal(&problem, DAG_ERROR, DAG_ERROR_INVALID,
                                number == 1 ? "not the beginning of recorded requests"
                                            : "the line has no end: the recording was cut "
                                              "off; without this line it can be replayed");
        else
            read_line(recording, line, (size_t)(newline - line), number, &problem);
        if (problem) {
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "%s:%u: %s", recording->path,
                        number, problem->message);
            return false;
        }
        number++;
    }
    return true;
}

Recording *
recording_load(const char *path, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) problem = NULL;
    Recording *recording;
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, &problem)) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read the recording: %s",
                    problem->message);
        return NULL;
    }
    recording = new_recording(path);
    if (read_lines(recording, bytes, size, error))
        return recording;
    recording_close(recording, NULL);
    return NULL;
}

bool
recording_close(Recording *recording, GError **error)
{
    bool good;

    if (!recording)
        return true;
    if (recording->fd >= 0 && close(recording->fd) < 0)
        note_error(recording, errno);
    good = !recording->problem;
    if (!good)
        g_set_error_literal(error, DAG_ERROR, DAG_ERROR_IO, recording->problem);
    g_free(recording->problem);
    g_ptr_array_unref(recording->exchanges);
    g_hash_table_unref(recording->queues);
    g_free(recording->path);
    g_free(recording);
    return good;
}

bool
recording_is_replayed(const Recording *recording)
{
    return recording && recording->fd < 0;
}

/* Return the body of the answer: that in memory, or that of the file to which it was saved.  NULL: that cannot be
 * read, which is noted, since a body that is cut off would be taken for the whole one. */
static GString *
body_of(Recording *recording, const TransferEnd *end, int save_fd)
{
    g_autoptr(GString) body = g_string_new(NULL);
    char buffer[16384];
    ssize_t n = 1;

    if (save_fd < 0)
        return g_string_new_len(end->body->str, (gssize)end->body->len);
    while (body->len < end->size && n > 0) {
        n = pread(save_fd, buffer, sizeof(buffer), (off_t)body->len);
        if (n > 0)
            g_string_append_len(body, buffer, n);
    }
    if (n > 0)
        return g_steal_pointer(&body);
    if (!recording->problem)
        recording->problem = g_strdup_printf(
            "cannot write \"%s\": the file of an answer cannot be read: %s",
            recording->path, n < 0 ? g_strerror(errno) : "it is shorter than the answer");
    return NULL;
}

static bool
is_event_stream(const TransferEnd *end)
{
    static const char name[] = "Content-Type:";
    static const char type[] = "text/event-stream";
    bool is_one = false;

    for (guint i = 0; i < end->headers->len; i++) { /* the last one is that of the answer */
        const char *line = end->headers->pdata[i];

        if (g_ascii_strncasecmp(line, name, strlen(name)) != 0)
            continue;
        line += strlen(name);
        line += strspn(line, " \t");
        is_one = g_ascii_strncasecmp(line, type, strlen(type)) == 0;
    }
    return is_one;
}

void
recording_add(Recording *recording, const RecordingRequest *request, const TransferEnd *end,
              const char *failure)
{
    RecordedExchange exchange = {.failure = (char *)failure,
                                 .code = (int)end->code,
                                 .is_sent = end->is_sent,
                                 .is_whole = end->is_whole,
                                 .status = end->status,
                                 .body = body_of(recording, end, request->save_fd)};
    GString *line, *problem;

    if (!exchange.body)
        return;
    exchange.request =
        recorded_request_of(request->request, request->config, request->mask);
    exchange.headers = g_ptr_array_new_with_free_func(g_free);
    problem = g_string_new(end->problem);
    recorded_mask(request->request, request->mask, problem);
    exchange.problem = problem->str;
    for (guint i = 0; i < end->headers->len; i++) {
        GString *header = g_string_new(end->headers->pdata[i]);

        recorded_mask(request->request, request->mask, header);
        g_ptr_array_add(exchange.headers, g_string_free(header, FALSE));
    }
    if (is_event_stream(end))
        recorded_mask_stream(request->request, request->mask, exchange.body);
    recorded_mask(request->request, request->mask, exchange.body);
    line = recorded_exchange_write(&exchange);
    write_line(recording, line->str, line->len);
    g_string_free(line, TRUE);
    g_string_free(problem, TRUE);
    recorded_request_clear(&exchange.request);
    g_ptr_array_unref(exchange.headers);
    g_string_free(exchange.body, TRUE);
}

/* Return the reason for which dagrun itself had ended the transfer. */
static TransferStop
stop_of(const RecordedExchange *exchange)
{
    static const struct {
        HttpFailure failure;
        TransferStop stop;
    } stops[] = {{HTTP_FAILED_TOO_LARGE, TRANSFER_TOO_LARGE},
                 {HTTP_FAILED_TIMEOUT_FIRST_BYTE, TRANSFER_LATE},
                 {HTTP_FAILED_TIMEOUT_STALL, TRANSFER_STALLED}};

    for (size_t i = 0; i < G_N_ELEMENTS(stops); i++)
        if (g_strcmp0(exchange->failure, http_failure_name(stops[i].failure)) == 0)
            return stops[i].stop;
    return TRANSFER_NOT_STOPPED;
}

/* Set the end to that of the exchange, within the limits of the request. */
static void
set_end(const RecordedExchange *exchange, const RecordingRequest *request,
        TransferEnd *end_out)
{
    *end_out = (TransferEnd){.code = (CURLcode)exchange->code,
                             .stop = stop_of(exchange),
                             .problem = exchange->problem ? exchange->problem : "",
                             .is_sent = exchange->is_sent,
                             .is_whole = exchange->is_whole,
                             .status = exchange->status,
                             .headers = exchange->headers,
                             .body = exchange->body,
                             .size = exchange->body->len};
    if ((gint64)exchange->body->len > request->config->max_size) {
        end_out->stop = TRANSFER_TOO_LARGE;
    } else if (request->save_fd >= 0 &&
               !write_all(request->save_fd, exchange->body->str, exchange->body->len)) {
        end_out->stop = TRANSFER_NOT_SAVED;
        end_out->save_errno = errno;
    }
}

bool
recording_answer(Recording *recording, const RecordingRequest *request,
                 TransferEnd *end_out, GError **error)
{
    RecordedRequest wanted =
        recorded_request_of(request->request, request->config, request->mask);
    g_autofree char *text = recorded_request_text(&wanted);
    GQueue *queue = g_hash_table_lookup(recording->queues, text);
    const RecordedExchange *exchange = queue ? g_queue_pop_head(queue) : NULL;

    if (exchange) {
        set_end(exchange, request, end_out);
    } else if (queue) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "it was sent more often than in %s, whose answers to it are used up",
                    recording->path);
    } else {
        g_autofree char *difference = recording_difference(recording->exchanges, &wanted);

        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "it is not in %s%s",
                    recording->path, difference);
    }
    recorded_request_clear(&wanted);
    return exchange != NULL;
}
