/* SPDX-License-Identifier: MIT */
/*
 * libcurl names the descriptors that it waits for and the time of its next timer; dagrun waits, and says
 * which descriptor is ready.  So an event costs the same however many transfers wait.
 *
 * dagrun admits transfers by its connections, so that libcurl never queues one.  Limits of time are
 * dagrun's: those of libcurl are whole seconds, and count the wait for the first byte as slowness.  They
 * are checked when the earliest may have passed; a byte only moves a limit away, so nothing is sorted.
 */
#include "transfers.h"

#include "answer-cache.h"
#include "recording.h"
#include "transfer-measures.h"
#include "transfer-options.h"
#include "write-all.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Of all headers of an answer. */
#define MAX_HEADERS_SIZE (1 << 20)

/* The first bytes of a saved body, for a message. */
#define FIRST_SIZE ((size_t)4096)

/* Connections that are kept for further requests, at least. */
#define LEAST_KEPT 64

struct DagRequests {
    CurlLibrary curl;
    CURLM *multi;         /* NULL in a replay */
    Recording *recording; /* or NULL */
    int epoll_fd;
    int64_t timer_ns;   /* of libcurl, or INT64_MAX */
    int64_t check_ns;   /* no limit passes before; or INT64_MAX */
    GPtrArray *running; /* of Transfer, not owned */
    guint n_most;       /* transfers that ran at once */
    char *salt;
    Waits waits;
    GHashTable *notes; /* of transfers_note() */
    AnswerCache *answers;
};

struct Transfer {
    Transfers *transfers;
    TransferSpec spec;
    TransferDone done;
    void *data;
    CURL *easy;
    struct curl_slist *headers_out;
    guint index; /* in running */
    /* Of the first byte or the next one, by dag_clock_ns(); INT64_MAX: none. */
    int64_t limit_ns;
    int64_t start_ns,
        end_ns; /* by dag_clock_ns(); libcurl knows no time of one that is cut off */
    bool is_ended;
    TransferEnd end;
    GPtrArray *headers; /* of char * */
    GString *body;
    size_t headers_size;
    char problem[CURL_ERROR_SIZE];
};

Recording *
transfers_recording(const Transfers *transfers)
{
    return transfers->recording;
}

Recording *
transfers_take_recording(Transfers *transfers)
{
    return g_steal_pointer(&transfers->recording);
}

bool
transfers_load_curl(Transfers *transfers, GError **error)
{
    return transfers->curl.url || curl_library_load(&transfers->curl, error);
}

const CurlLibrary *
transfers_curl(const Transfers *transfers)
{
    return &transfers->curl;
}

Waits *
transfers_waits(Transfers *transfers)
{
    return &transfers->waits;
}

AnswerCache *
transfers_answers(Transfers *transfers)
{
    return transfers->answers;
}

const char *
transfers_salt(const Transfers *transfers)
{
    return transfers->salt;
}

void *
transfers_note(Transfers *transfers, const void *key, size_t size)
{
    void *note = g_hash_table_lookup(transfers->notes, key);

    if (!note) {
        note = g_malloc0(size);
        g_hash_table_insert(transfers->notes, (gpointer)key, note);
    }
    return note;
}

/* A CURLMOPT_SOCKETFUNCTION: wait for this descriptor from now on. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
    Transfers *transfers = data;
    struct epoll_event event = {.data.fd = fd};

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(transfers->epoll_fd, EPOLL_CTL_DEL, fd,
                  NULL); /* it may be closed already */
        return 0;
    }
    event.events =
        (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    (void)known;
    if (epoll_ctl(transfers->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 && errno == ENOENT &&
        epoll_ctl(transfers->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        return -1;
    return 0;
}

/* A CURLMOPT_TIMERFUNCTION. */
static int
on_timer(CURLM *multi, long timeout_ms, void *data)
{
    Transfers *transfers = data;

    (void)multi;
    transfers->timer_ns =
        timeout_ms < 0 ? INT64_MAX : dag_clock_ns() + (int64_t)timeout_ms * 1000000;
    return 0;
}

static void
close_transfers(void *engine)
{
    Transfers *transfers = engine;

    if (transfers->multi)
        transfers->curl.multi_cleanup(transfers->multi);
    if (transfers->epoll_fd >= 0)
        close(transfers->epoll_fd);
    g_ptr_array_unref(transfers->running);
    waits_clear(&transfers->waits);
    g_free(transfers->salt);
    g_hash_table_unref(transfers->notes);
    answer_cache_free(transfers->answers);
    recording_close(transfers->recording, NULL);
    g_free(transfers);
}

/* Prepare libcurl.  Returns: false with DAG_ERROR_IO. */
static bool
begin(Transfers *transfers, GError **error)
{
    const CurlLibrary *curl = &transfers->curl;

    if (!transfers_load_curl(transfers, error))
        return false;
    transfers->multi = curl->multi_init();
    if (!transfers->multi) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot prepare for requests: %s",
                    g_strerror(ENOMEM));
        return false;
    }
    curl->multi_setopt(transfers->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl->multi_setopt(transfers->multi, CURLMOPT_SOCKETDATA, transfers);
    curl->multi_setopt(transfers->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl->multi_setopt(transfers->multi, CURLMOPT_TIMERDATA, transfers);
    return true;
}

Transfers *
transfers_new(Recording *recording, GError **error)
{
    Transfers *transfers = g_new0(Transfers, 1);

    transfers->recording = recording;
    transfers->timer_ns = transfers->check_ns = INT64_MAX;
    transfers->running = g_ptr_array_new();
    waits_init(&transfers->waits);
    transfers->salt = g_uuid_string_random();
    transfers->notes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    transfers->answers = answer_cache_new();
    transfers->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (transfers->epoll_fd < 0)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot prepare for requests: %s",
                    g_strerror(errno));
    else if (recording_is_replayed(recording) || begin(transfers, error))
        return transfers;
    close_transfers(transfers);
    return NULL;
}

static void *
open_transfers(GError **error)
{
    return transfers_new(NULL, error);
}

static int
fd_of_transfers(void *engine)
{
    return ((Transfers *)engine)->epoll_fd;
}

static int64_t
next_ns(void *engine)
{
    const Transfers *transfers = engine;

    return MIN(MIN(transfers->timer_ns, transfers->check_ns), transfers->waits.next_ns);
}

/* Set the limit for the next byte.  0: there is none. */
static void
set_limit(Transfer *transfer, int64_t ns)
{
    Transfers *transfers = transfer->transfers;

    transfer->limit_ns = ns > 0 && ns < INT64_MAX / 2 ? dag_clock_ns() + ns : INT64_MAX;
    transfers->check_ns = MIN(transfers->check_ns, transfer->limit_ns);
}

/* Take the transfer out of the engine, and tell its owner. */
static void
finish(Transfer *transfer, CURLcode code)
{
    Transfers *transfers = transfer->transfers;
    Transfer *last = g_ptr_array_index(transfers->running, transfers->running->len - 1);
    long status = 0;

    transfers->curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfers->curl.multi_remove_handle(transfers->multi, transfer->easy);
    last->index = transfer->index;
    transfers->running->pdata[transfer->index] = last;
    g_ptr_array_set_size(transfers->running, (gint)transfers->running->len - 1);
    transfer->is_ended = true;
    transfer->end_ns = dag_clock_ns();
    transfer->end.code = code;
    transfer->end.status = (unsigned)CLAMP(status, 0, 999);
    transfer->end.problem =
        *transfer->problem ? transfer->problem : transfers->curl.easy_strerror(code);
    transfer->end.headers = transfer->headers;
    transfer->end.body = transfer->body;
    transfer->done(transfer, &transfer->end, transfer->data);
}

/* End the transfers of which a limit has passed. */
static void
check_limits(Transfers *transfers)
{
    int64_t now_ns = dag_clock_ns();

    if (now_ns < transfers->check_ns)
        return;
    transfers->check_ns = INT64_MAX;
    /* Backwards: the last one, which has been checked, takes the index of one that ends. */
    for (guint i = transfers->running->len; i-- > 0;) {
        Transfer *transfer =
            i < transfers->running->len ? transfers->running->pdata[i] : NULL;

        if (transfer && transfer->limit_ns <= now_ns) {
            transfer->end.stop =
                transfer->headers_size > 0 ? TRANSFER_STALLED : TRANSFER_LATE;
            finish(transfer, CURLE_OPERATION_TIMEDOUT);
        } else if (transfer) {
            transfers->check_ns = MIN(transfers->check_ns, transfer->limit_ns);
        }
    }
}

/* Let libcurl handle the descriptors that are ready, and its timer. */
static void
act(Transfers *transfers)
{
    struct epoll_event events[64];
    int n = epoll_wait(transfers->epoll_fd, events, G_N_ELEMENTS(events), 0), n_left;

    for (int i = 0; i < n; i++) {
        int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

        transfers->curl.multi_socket_action(transfers->multi, events[i].data.fd, what,
                                            &n_left);
    }
    if (dag_clock_ns() >= transfers->timer_ns) {
        transfers->timer_ns = INT64_MAX;
        transfers->curl.multi_socket_action(transfers->multi, CURL_SOCKET_TIMEOUT, 0,
                                            &n_left);
    }
}

static void
dispatch(void *engine)
{
    Transfers *transfers = engine;
    CURLMsg *message;
    int n_left;

    act(transfers);
    while (transfers->multi &&
           (message = transfers->curl.multi_info_read(transfers->multi, &n_left))) {
        CURLcode code = message->data.result;
        char *transfer = NULL;

        transfers->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish((Transfer *)(void *)transfer, code);
    }
    check_limits(transfers);
    waits_check(&transfers->waits, dag_clock_ns());
}

const DagEngine dag__transfers_engine = {.name = "transfers",
                                         .open = open_transfers,
                                         .close = close_transfers,
                                         .fd = fd_of_transfers,
                                         .next_ns = next_ns,
                                         .dispatch = dispatch};

/* A CURLOPT_SOCKOPTFUNCTION: the name of the host is resolved. */
static int
on_new_socket(void *data, curl_socket_t fd, curlsocktype purpose)
{
    Transfer *transfer = data;

    (void)fd;
    (void)purpose;
    transfer->spec.resolved(transfer->data);
    return CURL_SOCKOPT_OK;
}

/* A CURLOPT_PREREQFUNCTION: the connection stands, and the request begins to be sent.  libcurl would send it
 * again, and again, if a reused connection dies before the first byte of an answer. */
static int
on_request(void *data, char *address, char *own_address, int port, int own_port)
{
    Transfer *transfer = data;

    (void)address;
    (void)own_address;
    (void)port;
    (void)own_port;
    if (transfer->end.is_sent) {
        transfer->end.is_stale = true;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->end.is_sent = true;
    transfer->spec.resolved(transfer->data); /* a reused connection needs no name */
    set_limit(transfer, transfer->spec.first_byte_ns);
    return CURL_PREREQFUNC_OK;
}

/* A CURLOPT_HEADERFUNCTION: one line. */
static size_t
on_header(char *line, size_t size, size_t n, void *data)
{
    Transfer *transfer = data;
    size_t length = n;

    (void)size; /* always 1 */
    set_limit(transfer, transfer->spec.stall_ns);
    transfer->headers_size += n;
    if (transfer->headers_size > MAX_HEADERS_SIZE) {
        transfer->end.stop = TRANSFER_TOO_LARGE;
        return 0;
    }
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n'))
        length--;
    if (length == 0 && !transfer->end.is_whole) {
        /* The answer proper follows a provisional one. */
        const char *first = transfer->headers->len > 0 ? transfer->headers->pdata[0] : "";
        const char *code = strchr(first, ' ');

        transfer->end.is_whole = code && code[1] != '1';
    } else {
        if (length >= 5 && strncmp(line, "HTTP/", 5) == 0)
            g_ptr_array_set_size(transfer->headers, 0);
        g_ptr_array_add(transfer->headers, g_strndup(line, length));
    }
    return n;
}

static bool
save(Transfer *transfer, const char *bytes, size_t size)
{
    if (write_all(transfer->spec.save_fd, bytes, size))
        return true;
    transfer->end.save_errno = errno;
    transfer->end.stop = TRANSFER_NOT_SAVED;
    return false;
}

/* A CURLOPT_WRITEFUNCTION: decoded bytes of the body. */
static size_t
on_body(char *bytes, size_t size, size_t n, void *data)
{
    Transfer *transfer = data;
    bool is_kept = transfer->spec.save_fd < 0;

    (void)size; /* always 1 */
    set_limit(transfer, transfer->spec.stall_ns);
    if (n > transfer->spec.max_size - transfer->end.size) {
        transfer->end.stop = TRANSFER_TOO_LARGE;
        return 0;
    }
    if (transfer->spec.arrived)
        transfer->spec.arrived(bytes, n, transfer->end.size == 0, transfer->data);
    transfer->end.size += n;
    g_string_append_len(transfer->body, bytes,
                        (gssize)(is_kept ? n : MIN(n, FIRST_SIZE - transfer->body->len)));
    return is_kept || save(transfer, bytes, n) ? n : 0;
}

/* A CURLOPT_XFERINFOFUNCTION, for large bodies: while one is sent, no answer is late. */
static int
on_progress(void *data, curl_off_t size_in, curl_off_t n_in, curl_off_t size_out,
            curl_off_t n_out)
{
    Transfer *transfer = data;

    (void)size_in;
    (void)n_in;
    if (transfer->end.is_sent && transfer->headers_size == 0 && n_out < size_out)
        set_limit(transfer, transfer->spec.first_byte_ns);
    return 0;
}

/* Set the functions that libcurl calls. */
static void
set_callbacks(Transfer *transfer)
{
    const CurlLibrary *curl = &transfer->transfers->curl;
    CURL *easy = transfer->easy;

    curl->easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->problem);
    curl->easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
    curl->easy_setopt(easy, CURLOPT_SOCKOPTDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl->easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

/* Set the request itself.  Return libcurl's verdict on the URL. */
static CURLcode
set_request(Transfer *transfer)
{
    const CurlLibrary *curl = &transfer->transfers->curl;
    const TransferSpec *spec = &transfer->spec;
    CURL *easy = transfer->easy;

    transfer->headers_out = curl->slist_append(NULL, "Expect:");
    for (const char *const *header = spec->headers; header && *header; header++)
        transfer->headers_out = curl->slist_append(transfer->headers_out, *header);
    curl->easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers_out);
    if (spec->body) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body_size);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, spec->body);
        curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl->easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    } else if (strcmp(spec->method, "HEAD") == 0) {
        curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, spec->method);
    return curl->easy_setopt(easy, CURLOPT_URL, spec->url);
}

/* Hand the transfer to libcurl. */
static bool
admit(Transfer *transfer, GError **error)
{
    Transfers *transfers = transfer->transfers;
    CURLMcode code;

    transfer->start_ns = dag_clock_ns();
    transfer->index = transfers->running->len;
    g_ptr_array_add(transfers->running, transfer);
    if (transfers->running->len > transfers->n_most) {
        transfers->n_most = transfers->running->len;
        transfers->curl.multi_setopt(transfers->multi, CURLMOPT_MAXCONNECTS,
                                     (long)MAX(transfers->n_most, LEAST_KEPT));
    }
    code = transfers->curl.multi_add_handle(transfers->multi, transfer->easy);
    if (code == CURLM_OK)
        return true;
    g_ptr_array_set_size(transfers->running, (gint)transfers->running->len - 1);
    transfer->is_ended = true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "libcurl: %s",
                transfers->curl.multi_strerror(code));
    return false;
}

Transfer *
transfer_start(Transfers *transfers, const TransferSpec *spec, TransferDone done,
               void *data, GError **error)
{
    Transfer *transfer = g_new0(Transfer, 1);

    transfer->transfers = transfers;
    transfer->spec = *spec;
    transfer->done = done;
    transfer->data = data;
    transfer->limit_ns = INT64_MAX;
    transfer->is_ended = true; /* unless it is admitted */
    transfer->headers = g_ptr_array_new_with_free_func(g_free);
    transfer->body = g_string_new(NULL);
    transfer->easy = transfers->curl.easy_init();
    if (!transfer->easy) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "libcurl: %s", g_strerror(ENOMEM));
        transfer_free(transfer);
        return NULL;
    }
    set_callbacks(transfer);
    transfer_options_set(&transfers->curl, transfer->easy, spec);
    if (set_request(transfer) != CURLE_OK) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "the URL is too long");
        transfer_free(transfer);
        return NULL;
    }
    transfer->is_ended = false;
    if (admit(transfer, error))
        return transfer;
    transfer_free(transfer);
    return NULL;
}

void
transfer_free(Transfer *transfer)
{
    if (!transfer)
        return;

    Transfers *transfers = transfer->transfers;

    if (!transfer->is_ended) {
        Transfer *last = g_ptr_array_index(transfers->running, transfers->running->len - 1);

        transfers->curl.multi_remove_handle(transfers->multi, transfer->easy);
        last->index = transfer->index;
        transfers->running->pdata[transfer->index] = last;
        g_ptr_array_set_size(transfers->running, (gint)transfers->running->len - 1);
    }
    if (transfer->easy)
        transfers->curl.easy_cleanup(transfer->easy);
    transfers->curl.slist_free_all(transfer->headers_out);
    g_ptr_array_unref(transfer->headers);
    g_string_free(transfer->body, TRUE);
    g_free(transfer);
}

bool
transfer_is_sent(const Transfer *transfer)
{
    return transfer->end.is_sent;
}

const GString *
transfer_body(const Transfer *transfer)
{
    return transfer->body;
}

void
transfer_measure(const Transfer *transfer, DagRequest *request_out)
{
    transfer_measures_read(&transfer->transfers->curl, transfer->easy, request_out);
    request_out->is_sent = transfer->end.is_sent;
    request_out->is_reused = request_out->is_reused && transfer->end.is_sent;
    request_out->total_ns =
        (transfer->is_ended ? transfer->end_ns : dag_clock_ns()) - transfer->start_ns;
}
