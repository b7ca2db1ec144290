/* SPDX-License-Identifier: MIT */
/*
 * A request that was not sent can be sent again.  One that was sent and not answered may have taken effect, so
 * it is repeated only if that does no harm.  docs/reliability.md has the table.
 */
#include "verdict.h"

#include "retry-after.h"

#include <dagrun/duration.h>
#include <dagrun/json.h>
#include <dagrun/text.h>
#include <string.h>

/* A wait for which the server gives no time; and the least one, so that a server that says 0 is not asked
 * without end. */
#define FIRST_WAIT_NS (INT64_C(1000000000))
#define LEAST_WAIT_NS (INT64_C(10000000))

/* Of an answer in a message, in columns. */
#define MAX_EXCERPT 200

/* Return true for the failures after which the request was surely not sent. */
static bool
is_before_sending(HttpFailure failure)
{
    return failure == HTTP_FAILED_NAME || failure == HTTP_FAILED_CONNECT ||
           failure == HTTP_FAILED_PROXY || failure == HTTP_FAILED_TIMEOUT_CONNECT;
}

/* Return true if the status is a failure of the server, which may pass by itself. */
static bool
is_of_server(unsigned status)
{
    return status == 500 || (status >= 502 && status <= 504) ||
           (status >= 520 && status <= 529);
}

static bool
may_retry_status(const HttpConfig *config, unsigned status)
{
    if (config->retry_on.is_given)
        return http_outcomes_has(&config->retry_on, status);
    if (status == 408 || status == 425)
        return true; /* not worked on */
    return is_of_server(status) && config->is_idempotent;
}

static bool
may_retry(const HttpConfig *config, HttpFailure failure, const TransferEnd *end)
{
    if (failure == HTTP_FAILED_STATUS)
        return may_retry_status(config, end->status);
    if (failure > HTTP_FAILED_PROTOCOL)
        return false;
    if (config->retry_on.is_given && !(config->retry_on.failures >> failure & 1))
        return false;
    if (failure == HTTP_FAILED_TLS) /* an invalid certificate stays invalid */
        return end->code == CURLE_SSL_CONNECT_ERROR;
    return is_before_sending(failure) || !end->is_sent || config->is_idempotent;
}

/* Return the failure that an error of libcurl stands for. */
static HttpFailure
failure_of_code(const TransferEnd *end)
{
    switch (end->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return HTTP_FAILED_NAME;
    case CURLE_COULDNT_CONNECT:
        return HTTP_FAILED_CONNECT;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        return HTTP_FAILED_PROXY;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_FAILED_TIMEOUT_CONNECT; /* the other limits are dagrun's own */
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CLIENTCERT:
        return HTTP_FAILED_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
        return HTTP_FAILED_PROTOCOL;
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY:
        return HTTP_FAILED_REQUEST;
    default:
        if (!end->is_sent) /* an answer before that is a proxy's, which refuses the connection */
            return end->code == CURLE_RECV_ERROR ? HTTP_FAILED_PROXY : HTTP_FAILED_CONNECT;
        return end->headers->len > 0 ? HTTP_FAILED_CUT : HTTP_FAILED_NO_ANSWER;
    }
}

/* Return true if no time brings another answer: the quota is used up, or nothing is paid. */
static bool
is_quota(const TransferEnd *end)
{
    static const char *const pointers[] = {"/error/code", "/error/type", "/code", "/type"};

    for (size_t i = 0; end->status == 429 && i < G_N_ELEMENTS(pointers); i++) {
        g_autoptr(GString) word = g_string_new(NULL);

        if (dag_json_find(end->body->str, pointers[i], word, NULL) &&
            (strcmp(word->str, "insufficient_quota") == 0 ||
             strcmp(word->str, "quota_exceeded") == 0 ||
             strcmp(word->str, "billing_hard_limit_reached") == 0))
            return true;
    }
    return end->status == 402;
}

int64_t
verdict_wait_ns(const HttpConfig *config, const TransferEnd *end, unsigned n_waits)
{
    int64_t ns;

    if (end->code != CURLE_OK || !end->is_whole ||
        (end->status != 429 && end->status != 503 && end->status != 529) ||
        http_outcomes_has(&config->expect, end->status) || is_quota(end))
        return -1;
    ns = retry_after_ns(end);
    if (ns < 0 && end->status == 429)
        ns = MIN(FIRST_WAIT_NS << MIN(n_waits, 30), http_patience_ns(config));
    return ns < 0 ? -1 : MAX(ns, LEAST_WAIT_NS);
}

static HttpFailure
failure_of(const HttpConfig *config, const TransferEnd *end)
{
    switch (end->stop) {
    case TRANSFER_TOO_LARGE:
        return HTTP_FAILED_TOO_LARGE;
    case TRANSFER_NOT_SAVED:
        return HTTP_FAILED_SAVE;
    case TRANSFER_LATE:
        return HTTP_FAILED_TIMEOUT_FIRST_BYTE;
    case TRANSFER_STALLED:
        return HTTP_FAILED_TIMEOUT_STALL;
    case TRANSFER_NOT_STOPPED:
        break;
    }
    if (end->code != CURLE_OK)
        return failure_of_code(end);
    if (!end->is_whole)
        return HTTP_FAILED_CUT;
    if (!http_outcomes_has(&config->expect, end->status) && is_quota(end))
        return HTTP_FAILED_QUOTA;
    return http_outcomes_has(&config->expect, end->status) ? HTTP_NO_FAILURE
                                                           : HTTP_FAILED_STATUS;
}

/* Append the message in a body of JSON, as services write it.  Return false if there is none. */
static bool
append_message(GString *out, const char *body)
{
    static const char *const pointers[] = {"/error/message", "/message", "/detail",
                                           "/error", "/title"};

    for (size_t i = 0; i < G_N_ELEMENTS(pointers); i++)
        if (dag_json_find(body, pointers[i], out, NULL))
            return true;
    return false;
}

/* Append ": " and the first line of the body, or the message in it. */
static void
append_excerpt(GString *out, const TransferEnd *end)
{
    g_autoptr(GString) text = g_string_new(NULL), clean = g_string_new(NULL);

    if (!append_message(text, end->body->str)) {
        const char *line = end->body->str + strspn(end->body->str, " \t\r\n");

        g_string_append_len(text, line, (gssize)strcspn(line, "\r\n"));
    }
    dag_text_append_clean(clean, text->str);
    if (clean->len == 0)
        return;
    g_string_append(out, ": ");
    dag_text_append_fitted(out, clean->str, MAX_EXCERPT);
}

static void
describe_status(GString *out, const TransferEnd *end)
{
    const char *line = end->headers->len > 0 ? end->headers->pdata[0] : "";
    const char *reason = strchr(line, ' ');

    reason = reason ? strchr(reason + 1, ' ') : NULL;
    g_string_append_printf(out, "status %u", end->status);
    if (reason && reason[1])
        dag_text_append_clean(out, reason);
    append_excerpt(out, end);
}

static void
describe_late(GString *out, const HttpConfig *config, HttpFailure failure)
{
    bool is_first = failure == HTTP_FAILED_TIMEOUT_FIRST_BYTE;

    g_string_append_printf(
        out, "no %s within %g s", is_first ? "answer" : "further byte of the answer",
        (double)(is_first ? config->first_byte_ns : config->stall_ns) / 1e9);
}

static char *
describe(const HttpConfig *config, HttpFailure failure, const TransferEnd *end)
{
    GString *out = g_string_new(NULL);

    switch (failure) {
    case HTTP_FAILED_STATUS:
    case HTTP_FAILED_QUOTA:
        describe_status(out, end);
        break;
    case HTTP_FAILED_TIMEOUT_FIRST_BYTE:
    case HTTP_FAILED_TIMEOUT_STALL:
        describe_late(out, config, failure);
        break;
    case HTTP_FAILED_TOO_LARGE:
        g_string_append_printf(
            out, "the answer has more than %" G_GINT64_FORMAT " bytes (max-size)",
            config->max_size);
        break;
    case HTTP_FAILED_SAVE:
        g_string_append_printf(out, "cannot save the answer: %s",
                               g_strerror(end->save_errno));
        break;
    case HTTP_FAILED_CUT:
        g_string_append_printf(out, "the answer is incomplete (%s)",
                               end->code == CURLE_OK ? "its headers end early"
                                                     : end->problem);
        break;
    case HTTP_FAILED_NO_ANSWER:
        g_string_append_printf(out, "no answer (%s)",
                               end->is_stale ? "the connection had ended" : end->problem);
        break;
    default:
        dag_text_append_clean(out, end->problem);
        break;
    }
    return g_string_free(out, FALSE);
}

Verdict
verdict_of(const HttpConfig *config, const TransferEnd *end)
{
    Verdict verdict = {.failure = failure_of(config, end)};

    if (verdict.failure == HTTP_NO_FAILURE)
        return verdict;
    verdict.may_retry = may_retry(config, verdict.failure, end);
    verdict.text = describe(config, verdict.failure, end);
    return verdict;
}

void
verdict_set_throttled(Verdict *verdict, const HttpConfig *config, int64_t wait_ns)
{
    g_autofree char *text = verdict->text;
    int64_t patience_ns = http_patience_ns(config);
    char wait[DAG_DURATION_SIZE], once[DAG_DURATION_SIZE], all[DAG_DURATION_SIZE];

    verdict->failure = HTTP_FAILED_THROTTLED;
    verdict->may_retry = false;
    verdict->text = g_strdup_printf(
        "%s; the server asks to wait for %s, and requests wait for up to %s, and %s in all",
        text, dag_duration_format(wait_ns, wait), dag_duration_format(patience_ns, once),
        dag_duration_format(HTTP_ALL_PATIENCE * patience_ns, all));
}

Verdict
verdict_final(HttpFailure failure, char *text)
{
    return (Verdict){.failure = failure, .text = text};
}

char *
verdict_message(const Verdict *verdict, const HttpConfig *config, const Request *request,
                bool is_sent)
{
    HttpFailure failure = verdict->failure;
    bool is_open = is_sent && !config->is_idempotent && failure <= HTTP_FAILED_PROTOCOL;
    const char *note = "";

    if (is_open)
        note = "; it was sent and may have taken effect, so it is not repeated "
               "(idempotent=\"true\" or an idempotency-key would allow it)";
    else if (failure <= HTTP_FAILED_PROTOCOL && !is_sent)
        note = "; it was not sent";
    return g_strdup_printf("%s%s%s: %s%s", request->method, request->url ? " " : "",
                           request->url ? request->url : "", verdict->text, note);
}

void
verdict_report(Verdict *verdict, const HttpConfig *config, const Request *request,
               bool is_sent, DagContext *context)
{
    g_autofree char *message = verdict_message(verdict, config, request, is_sent);

    g_clear_pointer(&verdict->text, g_free);
    dag_context_set_reason(context, "%s", message);
    if (!verdict->may_retry)
        dag_context_forbid_retry(context);
}
