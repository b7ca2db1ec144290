/* SPDX-License-Identifier: MIT */
#include "exchange.h"

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

/* Record the transfer, once.  `throttled_ns`: how long the server then asks to wait. */
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
        .throttled_ns = exchange->throttled_ns + throttled_ns,
    };

    if (!exchange->transfer || exchange->is_recorded)
        return;
    exchange->is_recorded = true;
    transfer_measure(exchange->transfer, &request);
    dag_context_add_request(exchange->context, &request);
}

static void
record_end(Exchange *exchange, HttpFailure failure)
{
    record(exchange, failure == HTTP_NO_FAILURE ? NULL : http_failure_name(failure), 0);
}

void
exchange_clear(Exchange *exchange)
{
    record(exchange, dag_context_is_timed_out(exchange->context) ? "timeout" : "cancelled",
           0);
    g_clear_pointer(&exchange->transfer, transfer_free);
    if (exchange->wait)
        waits_remove(transfers_waits(exchange->transfers), exchange->wait);
    exchange->wait = NULL;
}

bool
exchange_is_under_way(const Exchange *exchange)
{
    return exchange->transfer && transfer_is_sent(exchange->transfer);
}

static void start(Exchange *exchange);

/* The time that was waited for has come. */
static void
on_waited(void *data)
{
    Exchange *exchange = data;

    waits_remove(transfers_waits(exchange->transfers), exchange->wait);
    exchange->wait = NULL;
    start(exchange);
}

static void
wait_until(Exchange *exchange, int64_t time_ns)
{
    exchange->wait =
        waits_add(transfers_waits(exchange->transfers), time_ns, on_waited, exchange);
}

/* Wait as the server asks, and close its origin for others, too; no attempt is used.  Return false if it asks
 * for too long. */
static bool
wait_for_server(Exchange *exchange, int64_t ns)
{
    Waits *waits = transfers_waits(exchange->transfers);
    g_autofree char *origin = NULL;
    int64_t time_ns;

    if (ns > VERDICT_PATIENCE_NS || exchange->waited_ns + ns > VERDICT_ALL_PATIENCE_NS)
        return false;
    time_ns = dag_clock_ns() + ns;
    origin = request_origin(exchange->request, transfers_curl(exchange->transfers));
    waits_close(waits, origin, time_ns);
    exchange->waited_ns += ns;
    exchange->n_waits++;
    record(exchange, http_failure_name(HTTP_FAILED_THROTTLED), ns);
    exchange->throttled_ns = 0;
    g_clear_pointer(&exchange->transfer, transfer_free);
    wait_until(exchange, time_ns);
    return true;
}

/* A TransferDone. */
static void
on_done(Transfer *transfer, const TransferEnd *end, void *data)
{
    Exchange *exchange = data;
    Verdict verdict;
    int64_t wait_ns;

    (void)transfer;
    if (end->is_stale && exchange->config->is_idempotent) {
        /* Servers close connections that wait for long.  Once, since the next one is new. */
        exchange->is_fresh = exchange->was_sent = true;
        record_end(exchange, HTTP_FAILED_NO_ANSWER);
        start(exchange);
        return;
    }
    wait_ns = verdict_wait_ns(exchange->config, end, exchange->n_waits);
    if (wait_ns >= 0 && wait_for_server(exchange, wait_ns))
        return;
    verdict = verdict_of(exchange->config, exchange->request, end);
    if (wait_ns >= 0)
        verdict_set_throttled(&verdict, wait_ns);
    record_end(exchange, verdict.failure);
    exchange->was_sent = exchange->was_sent || end->is_sent;
    exchange->done(end, verdict, exchange->data);
}

static bool
wants_http2(const Exchange *exchange)
{
    const CurlLibrary *curl = transfers_curl(exchange->transfers);

    if (exchange->request->version != HTTP_2_AUTO)
        return exchange->request->version == HTTP_2_ON;
    return curl->version_info(CURLVERSION_NOW)->version_num >= HTTP2_VERSION;
}

/* Return the time at which the origin of the request opens, which may have passed. */
static int64_t
opening_ns(const Exchange *exchange)
{
    const Waits *waits = transfers_waits(exchange->transfers);
    g_autofree char *origin = NULL;

    if (g_hash_table_size(waits->origins) == 0)
        return 0;
    origin = request_origin(exchange->request, transfers_curl(exchange->transfers));
    return waits_opens_ns(waits, origin);
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

static void
start(Exchange *exchange)
{
    const HttpConfig *config = exchange->config;
    const Request *request = exchange->request;
    g_autoptr(GPtrArray) headers = list_headers(request);
    g_autoptr(GError) error = NULL;
    int64_t opens_ns = opening_ns(exchange);

    g_clear_pointer(&exchange->transfer, transfer_free);
    exchange->is_recorded = false;
    if (opens_ns > dag_clock_ns()) {
        exchange->throttled_ns += opens_ns - dag_clock_ns();
        wait_until(exchange, opens_ns);
        return;
    }
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
                        .wants_http2 = wants_http2(exchange)},
        on_done, exchange, &error);
    if (!exchange->transfer)
        exchange->done(NULL, verdict_final(HTTP_FAILED_REQUEST, g_strdup(error->message)),
                       exchange->data);
}

void
exchange_begin(Exchange *exchange, ExchangeDone done, void *data)
{
    exchange->done = done;
    exchange->data = data;
    exchange->throttled_ns = 0;
    start(exchange);
}
