/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include "recording.h"
#include "server-limits.h"
#include "service-notes.h"

#include <dagrun/duration.h>
#include <dagrun/engine.h>

/* From this version of libcurl on, HTTP/2 reports cut answers, and survives a GOAWAY. */
#define HTTP2_VERSION 0x080500

void
exchange_init(Exchange *exchange, DagContext *context, const HttpConfig *config,
              const Request *request)
{
    *exchange = (Exchange){.context = context,
                           .transfers = dag_context_engine(context, NULL), /* it is open */
                           .config = config,
                           .request = request,
                           .save_fd = -1};
}

static Patience *
patience_of(const Exchange *exchange)
{
    return waits_patience(transfers_waits(exchange->transfers),
                          dag_context_task(exchange->context));
}

/* Record the request.  `throttled_ns`: how long the server then asks to wait. */
static void
record(Exchange *exchange, const char *failure, int64_t throttled_ns)
{
    const HttpConfig *config = exchange->config;
    DagRequest request = {
        .redirects = exchange->n_redirects,
        .method = exchange->request->method,
        .url = exchange->request->url,
        .service = config->service ? dag_declared_name(config->service) : NULL,
        .failure = failure,
        .is_insecure = exchange->request->is_insecure,
        .queue_ns = exchange->queue_ns,
    };

    request.throttled_ns = throttled_ns + patience_of(exchange)->before_ns;
    patience_of(exchange)->before_ns = 0;
    if (exchange->transfer)
        transfer_measure(exchange->transfer, &request);
    else
        request.status = exchange->status;
    dag_context_add_request(exchange->context, &request);
}

static void
record_end(Exchange *exchange, HttpFailure failure)
{
    record(exchange, failure == HTTP_NO_FAILURE ? NULL : http_failure_name(failure), 0);
}

/* The name of the host is resolved. */
static void
on_resolved(void *data)
{
    const Exchange *exchange = data;

    if (exchange->origin->is_resolved)
        return;
    exchange->origin->is_resolved = true;
    exchange_admit(exchange->origin);
}

/* A piece of the body is there. */
static void
on_arrived(const char *bytes, size_t size, bool is_first, void *data)
{
    const Exchange *exchange = data;

    exchange->arrived(bytes, size, is_first, exchange->data);
}

void
exchange_clear(Exchange *exchange)
{
    if (exchange->state == EXCHANGE_RUNNING)
        record(exchange,
               dag_context_is_timed_out(exchange->context) ? "timeout" : "cancelled", 0);
    exchange_move(exchange, EXCHANGE_IDLE, 0);
    g_clear_pointer(&exchange->transfer, transfer_free);
}

bool
exchange_is_under_way(const Exchange *exchange)
{
    return exchange->state == EXCHANGE_RUNNING && transfer_is_sent(exchange->transfer);
}

bool
exchange_has_ended(const Exchange *exchange)
{
    return exchange->state == EXCHANGE_ENDED;
}

/* Wait until the time, with the job withdrawn if that loses nothing; the exchange is gone then. */
static void
pass_time(Exchange *exchange, const char *pool, int64_t time_ns)
{
    if (exchange->withdraw) {
        exchange_move(exchange, EXCHANGE_IDLE, 0);
        exchange->withdraw(pool, time_ns, exchange->data);
        return;
    }
    exchange_move(exchange, EXCHANGE_WAITING, time_ns);
    g_clear_pointer(&exchange->transfer, transfer_free);
}

/* Wait as the server asks, and close its origin for others, too; no attempt is used.  Return false if it asks
 * for too long. */
static bool
wait_for_server(Exchange *exchange, int64_t ns)
{
    Patience *patience = patience_of(exchange);
    int64_t longest_ns = http_patience_ns(exchange->config);
    const DagPool *pool = server_limits_pool(exchange);
    int64_t time_ns;

    if (ns > longest_ns || patience->waited_ns + ns > HTTP_ALL_PATIENCE * longest_ns)
        return false;
    patience->waited_ns += ns; /* also in a replay, so that it ends as the run did */
    patience->n_waits++;
    if (exchange->state == EXCHANGE_REPLAYING) { /* no server asks for the time any more */
        ns = 0;
        pool = NULL;
    }
    time_ns = dag_clock_ns() + ns;
    if (exchange->state != EXCHANGE_REPLAYING)
        origin_close(exchange->origin, time_ns, !server_limits_has_rate(pool));
    record(exchange, http_failure_name(HTTP_FAILED_THROTTLED), ns);
    pass_time(exchange, pool ? pool->name : NULL, time_ns);
    return true;
}

static RecordingRequest
for_recording(const Exchange *exchange, DagMask *mask)
{
    return (RecordingRequest){exchange->request, exchange->config, mask, exchange->save_fd};
}

/* Append the request to the recording, unless it is the recording that answers. */
static void
add_to_recording(const Exchange *exchange, const TransferEnd *end, HttpFailure failure)
{
    Recording *recording = transfers_recording(exchange->transfers);
    DagMask *mask;
    RecordingRequest request;

    /* A disk that is full says nothing of the server. */
    if (!recording || exchange->state == EXCHANGE_REPLAYING || failure == HTTP_FAILED_SAVE)
        return;
    mask = dag_graph_mask(dag_context_graph(exchange->context));
    request = for_recording(exchange, mask);
    recording_add(recording, &request, end,
                  failure == HTTP_NO_FAILURE ? NULL : http_failure_name(failure));
    dag_mask_unref(mask);
}

/* Return true if an earlier answer told that the quota of the service is used up. */
static bool
is_exhausted(const Exchange *exchange)
{
    const DagDeclared *service = exchange->config->service;

    return service && service_notes(exchange->transfers, service)->is_exhausted;
}

/* End the exchange before anything is sent. */
static void
refuse_exhausted(Exchange *exchange)
{
    exchange_move(exchange, EXCHANGE_IDLE, 0);
    exchange->done(
        NULL,
        verdict_final(
            HTTP_FAILED_QUOTA,
            g_strdup_printf("it is not sent, since the quota of the service \"%s\" "
                            "is used up, as it said before",
                            dag_declared_name(exchange->config->service))),
        exchange->data);
}

/* Return true if the exchange may wait because the server asks for it.  In place it does not once its task is being
 * ended: no new request is sent then. */
static bool
may_wait(const Exchange *exchange)
{
    return exchange->withdraw ||
           dag_context_cancel_level(exchange->context) == DAG_CANCEL_NONE;
}

/* Handle the end of a request, which the server or a recording has answered. */
static void
handle_end(Exchange *exchange, const TransferEnd *end)
{
    int64_t wait_ns = may_wait(exchange) ? verdict_wait_ns(exchange->config, end,
                                                           patience_of(exchange)->n_waits)
                                         : -1;
    Verdict verdict = verdict_of(exchange->config, end);

    add_to_recording(exchange, end, verdict.failure);
    if (exchange->state == EXCHANGE_RUNNING)
        server_limits_note(exchange, end);
    if (wait_ns >= 0 && wait_for_server(exchange, wait_ns)) {
        g_free(verdict.text);
        return;
    }
    if (wait_ns >= 0)
        verdict_set_throttled(&verdict, exchange->config, wait_ns);
    record_end(exchange, verdict.failure);
    if (verdict.failure == HTTP_FAILED_QUOTA && exchange->config->service)
        service_notes(exchange->transfers, exchange->config->service)->is_exhausted = true;
    if (verdict.failure == HTTP_NO_FAILURE && exchange->origin)
        origin_succeed(exchange->origin);
    exchange_move(exchange, EXCHANGE_ENDED, 0);
    exchange->was_sent = exchange->was_sent || end->is_sent;
    exchange->done(end, verdict, exchange->data);
}

static void start(Exchange *exchange);

/* A TransferDone. */
static void
on_done(Transfer *transfer, const TransferEnd *end, void *data)
{
    Exchange *exchange = data;

    (void)transfer;
    if (end->is_stale && exchange->config->is_idempotent) {
        /* Servers close connections that wait for long.  Once, since the next one is new. */
        exchange->is_fresh = exchange->was_sent = true;
        record_end(exchange, HTTP_FAILED_NO_ANSWER);
        start(exchange);
        return;
    }
    handle_end(exchange, end);
}

/* Answer the request from the recording. */
static void
replay(Exchange *exchange)
{
    DagMask *mask = dag_graph_mask(dag_context_graph(exchange->context));
    RecordingRequest request = for_recording(exchange, mask);
    g_autoptr(GError) error = NULL;
    TransferEnd end;
    bool is_found =
        recording_answer(transfers_recording(exchange->transfers), &request, &end, &error);

    dag_mask_unref(mask);
    exchange->status = is_found ? end.status : 0;
    if (is_found) {
        handle_end(exchange, &end);
        return;
    }
    record_end(exchange, HTTP_FAILED_NOT_RECORDED);
    exchange_move(exchange, EXCHANGE_ENDED, 0);
    exchange->done(NULL, verdict_final(HTTP_FAILED_NOT_RECORDED, g_strdup(error->message)),
                   exchange->data);
}

static bool
wants_http2(const Exchange *exchange)
{
    const CurlLibrary *curl = transfers_curl(exchange->transfers);

    if (exchange->request->version != HTTP_2_AUTO)
        return exchange->request->version == HTTP_2_ON;
    return curl->version_info(CURLVERSION_NOW)->version_num >= HTTP2_VERSION;
}

/* Take a place at the origin, unless the exchange has one.  Return false if it has to wait, or is gone. */
static bool
take_place(Exchange *exchange)
{
    g_autofree char *name =
        request_origin(exchange->request, transfers_curl(exchange->transfers));
    Origin *origin = waits_origin(transfers_waits(exchange->transfers), name);
    int64_t now_ns = dag_clock_ns();

    g_assert(!exchange_has_place(exchange) || exchange->origin == origin);
    exchange->origin = origin;
    if (origin->opens_ns > now_ns) {
        patience_of(exchange)->before_ns += origin->opens_ns - now_ns;
        pass_time(exchange, NULL, origin->opens_ns);
        return false;
    }
    if (!exchange_has_place(exchange) && origin_n_places(origin) == 0) {
        exchange_move(exchange, EXCHANGE_QUEUED, 0);
        return false;
    }
    exchange_move(exchange, EXCHANGE_RUNNING, 0);
    return true;
}

/* Return the headers of the request, NULL-terminated. */
static GPtrArray *
list_headers(const Request *request)
{
    GPtrArray *headers = g_ptr_array_new();

    for (guint i = 0; i < request->own->len; i++)
        g_ptr_array_add(headers, request->own->pdata[i]);
    for (guint i = 0; i < request->plain->len; i++)
        g_ptr_array_add(headers, request->plain->pdata[i]);
    g_ptr_array_add(headers, NULL);
    return headers;
}

/* Start the transfer; the exchange has a place. */
static void
send_request(Exchange *exchange)
{
    const HttpConfig *config = exchange->config;
    const Request *request = exchange->request;
    g_autoptr(GPtrArray) headers = list_headers(request);
    g_autoptr(GError) error = NULL;

    exchange->transfer = transfer_start(
        exchange->transfers,
        &(TransferSpec){.method = request->method,
                        .url = request->url,
                        .headers = (const char *const *)headers->pdata,
                        .body = request->body ? request->body->str : NULL,
                        .body_size = request->body ? request->body->len : 0,
                        .is_fresh = exchange->is_fresh || !config->is_idempotent,
                        .max_size = (size_t)config->max_size,
                        .save_fd = exchange->save_fd,
                        .connect_ns = config->connect_ns,
                        .first_byte_ns = config->first_byte_ns,
                        .stall_ns = config->stall_ns,
                        .user = request->user,
                        .password = request->password,
                        .ca = request->ca,
                        .cert = request->cert,
                        .cert_key = request->cert_key,
                        .proxy = request->proxy,
                        .is_insecure = request->is_insecure,
                        .wants_http2 = wants_http2(exchange),
                        .resolved = on_resolved,
                        .arrived = exchange->arrived ? on_arrived : NULL},
        on_done, exchange, &error);
    if (exchange->transfer)
        return;
    exchange_move(exchange, EXCHANGE_IDLE, 0);
    exchange->done(NULL, verdict_final(HTTP_FAILED_REQUEST, g_strdup(error->message)),
                   exchange->data);
}

static void
start(Exchange *exchange)
{
    g_clear_pointer(&exchange->transfer, transfer_free);
    if (is_exhausted(exchange))
        refuse_exhausted(exchange);
    else if (recording_is_replayed(transfers_recording(exchange->transfers)))
        /* Soon: the owner is in the midst of starting it. */
        exchange_move(exchange, EXCHANGE_REPLAYING, 0);
    else if (take_place(exchange))
        send_request(exchange);
}

void
exchange_go_on(void *data)
{
    Exchange *exchange = data;

    if (exchange->state == EXCHANGE_REPLAYING)
        replay(exchange);
    else
        start(exchange);
}

void
exchange_begin(Exchange *exchange, ExchangeDone done, void *data)
{
    exchange_move(exchange, EXCHANGE_IDLE, 0);
    exchange->done = done;
    exchange->data = data;
    exchange->queue_ns = 0;
    start(exchange);
}
