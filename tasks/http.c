/* SPDX-License-Identifier: MIT */
/*
 * <http url="…"/>: a request.  An attempt is a chain of transfers, one for each redirect.  The answer is
 * kept until it is complete, so that no part of one is ever an output.
 */
#include "kinds.h"
#include "network/answer-key.h"
#include "network/request-attempt.h"
#include "network/request-identity.h"

#include <dagrun/error.h>
#include <dagrun/json.h>
#include <dagrun/xpath.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Attempt {
    RequestAttempt base;
    int n_redirects;
    char *path; /* of the saved answer, or NULL */
    char *temporary;
    int save_fd;
} Attempt;

/* A RequestAttempt.free. */
static void
attempt_free(RequestAttempt *base)
{
    Attempt *attempt = (Attempt *)(void *)base;

    if (attempt->save_fd >= 0)
        close(attempt->save_fd);
    if (attempt->temporary)
        unlink(attempt->temporary);
    g_free(attempt->temporary);
    g_free(attempt->path);
    g_free(attempt);
}

/* Return the text after "charset=" in a content type, or NULL; free with g_free(). */
static char *
charset_of(const char *type)
{
    g_autofree char *lower = g_ascii_strdown(type, -1);
    const char *at = strstr(lower, "charset=");

    if (!at)
        return NULL;
    at += strlen("charset=");
    at += *at == '"';
    return g_strndup(at, strcspn(at, "\"; "));
}

/* Append the value of an expression of XPath. */
static bool
append_node(const char *expression, const TransferEnd *end, GString *out, GError **error)
{
    const char *type = transfer_end_header(end, "Content-Type");
    g_autofree char *charset = type ? charset_of(type) : NULL;
    const DagMarkup markup = {.text = end->body->str,
                              .size = end->body->len,
                              .is_html =
                                  type && g_ascii_strncasecmp(type, "text/html", 9) == 0,
                              .charset = charset};

    return dag_xpath_find(&markup, expression, out, error);
}

/* Append one value.  Return false if there is none. */
static bool
append_value(const HttpExtract *wanted, const TransferEnd *end, GString *out,
             GError **error)
{
    const char *header = wanted->header ? transfer_end_header(end, wanted->header) : NULL;

    if (wanted->json)
        return dag_json_find(end->body->str, wanted->json, out, error);
    if (wanted->xpath)
        return append_node(wanted->xpath, end, out, error);
    if (!wanted->header) {
        g_string_append_printf(out, "%u", end->status);
        return true;
    }
    if (header)
        g_string_append(out, header);
    else
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "the answer has no header \"%s\"",
                    wanted->header);
    return header != NULL;
}

/* Append the extracted values, a line each. */
static bool
extract(const HttpConfig *config, const TransferEnd *end, GString *out, GError **error)
{
    for (size_t i = 0; i < config->n_extracts; i++) {
        const HttpExtract *wanted = &config->extracts[i];
        gsize length = out->len;
        g_autoptr(GError) problem = NULL;

        bool found = append_value(wanted, end, out, &problem);

        if (!found && !wanted->otherwise) {
            g_propagate_prefixed_error(error, g_steal_pointer(&problem),
                                       "cannot extract from the answer: ");
            return false;
        }
        if (!found) {
            g_string_truncate(out, length);
            g_string_append(out, wanted->otherwise);
        }
        g_string_append_c(out, '\n');
    }
    return true;
}

/* Give the saved answer its name. */
static bool
keep_saved(Attempt *attempt, GError **error)
{
    int code = close(attempt->save_fd);

    attempt->save_fd = -1;
    if (code < 0 || rename(attempt->temporary, attempt->path) < 0) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot save the answer to %s: %s",
                    attempt->path, g_strerror(errno));
        return false;
    }
    g_clear_pointer(&attempt->temporary, g_free);
    return true;
}

/* Keep the output in the cache. */
static void
keep(Attempt *attempt, const GString *output)
{
    KeptAnswer *answer = g_new0(KeptAnswer, 1);

    answer->text = g_string_new_len(output->str, (gssize)output->len);
    attempt_keep(&attempt->base, answer);
}

static void
succeed(Attempt *attempt, const TransferEnd *end)
{
    const HttpConfig *config = attempt->base.config;
    DagContext *context = attempt_context(&attempt->base);
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autofree char *faults = NULL;
    g_autoptr(GError) error = NULL;

    if (config->result.is_given)
        faults = result_faults(&config->result, false, (GString *)end->body);
    if (faults) {
        g_strdelimit(faults, "\n", ';');
        attempt_fail(&attempt->base,
                     verdict_final(HTTP_FAILED_INVALID_RESULT,
                                   g_strdup_printf(
                                       "the answer does not meet the demands: %s", faults)),
                     true);
        return;
    }
    if (!extract(config, end, lines, &error)) {
        attempt_fail_with(&attempt->base, HTTP_FAILED_EXTRACT, error, true);
        return;
    }
    if (attempt->path && !keep_saved(attempt, &error)) {
        attempt_fail_with(&attempt->base, HTTP_FAILED_SAVE, error, true);
        return;
    }
    if (config->n_extracts > 0)
        dag_context_write_both(context, lines->str, lines->len);
    else if (!config->save)
        dag_context_write_both(context, end->body->str, end->body->len);
    if (config->cache_ns > 0)
        keep(attempt, config->n_extracts > 0 ? lines : end->body);
    attempt_finish(&attempt->base, DAG_SUCCEEDED);
}

static void begin(Attempt *attempt);

static bool
is_redirect(const Attempt *attempt, const TransferEnd *end)
{
    static const unsigned statuses[] = {301, 302, 303, 307, 308};

    if (end->code != CURLE_OK || end->stop != TRANSFER_NOT_STOPPED || !end->is_whole ||
        attempt->base.config->redirects == 0 ||
        http_outcomes_has(&attempt->base.config->expect, end->status))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (statuses[i] == end->status)
            return transfer_end_header(end, "Location") != NULL;
    return false;
}

static void
follow(Attempt *attempt, const TransferEnd *end)
{
    g_autofree char *location = g_strdup(transfer_end_header(end, "Location"));
    unsigned status = end->status;
    g_autoptr(GError) error = NULL;

    if (++attempt->n_redirects > attempt->base.config->redirects)
        g_set_error(&error, DAG_ERROR, DAG_ERROR_INVALID,
                    "more than %d redirects, the last one to \"%s\"",
                    attempt->base.config->redirects, location);
    else if (attempt->save_fd >= 0 && ftruncate(attempt->save_fd, 0) < 0)
        g_set_error(&error, DAG_ERROR, DAG_ERROR_IO, "cannot save the answer: %s",
                    g_strerror(errno));
    else if (transfers_load_curl(attempt->base.exchange.transfers, &error))
        request_redirect(&attempt->base.request, status, location,
                         transfers_curl(attempt->base.exchange.transfers), &error);
    if (attempt->save_fd >= 0)
        (void)lseek(attempt->save_fd, 0, SEEK_SET);
    if (error) {
        attempt_fail_with(&attempt->base, HTTP_FAILED_REDIRECT, error, true);
        return;
    }
    dag_context_fail_request(attempt_context(&attempt->base), NULL);
    begin(attempt);
}

/* An ExchangeDone. */
static void
on_done(const TransferEnd *end, Verdict verdict, void *data)
{
    Attempt *attempt = data;

    if (end && is_redirect(attempt, end)) {
        g_free(verdict.text);
        follow(attempt, end);
    } else if (end && verdict.failure == HTTP_NO_FAILURE) {
        succeed(attempt, end);
    } else {
        attempt_fail(&attempt->base, verdict, attempt->base.exchange.was_sent);
    }
}

static void
begin(Attempt *attempt)
{
    /* After a redirect only the last hop is repeated, so it waits in place. */
    attempt->base.exchange.withdraw = attempt->n_redirects == 0 ? attempt_withdraw : NULL;
    attempt->base.exchange.save_fd = attempt->save_fd;
    attempt->base.exchange.n_redirects = (unsigned)attempt->n_redirects;
    exchange_begin(&attempt->base.exchange, on_done, attempt);
}

/* An AnswerFound. */
static void
on_looked_up(const KeptAnswer *answer, void *data)
{
    if (answer)
        attempt_succeed_kept(data, answer);
    else
        begin(data);
}

/* Look for the answer in the cache; send the request if it is not there. */
static void
look_up(Attempt *attempt)
{
    Transfers *transfers = attempt->base.exchange.transfers;
    g_autoptr(GPtrArray) demands = NULL;
    g_autofree char *key = NULL;
    const char *salt = answer_use_salt(transfers, attempt->base.config->cache_ns,
                                       attempt_context(&attempt->base));

    if (!salt) {
        begin(attempt);
        return;
    }
    demands = request_demands(attempt->base.config);
    key = answer_key(&attempt->base.request, salt, true,
                     (const char *const *)demands->pdata, demands->len);
    attempt->base.use =
        (AnswerUse){.transfers = transfers, .done = on_looked_up, .data = attempt};
    answer_use_begin(&attempt->base.use, key, attempt->base.config->cache_ns);
}

/* Make the temporary file beside the one that the answer is saved to. */
static bool
prepare_saving(Attempt *attempt, GError **error)
{
    const DagContext *context = attempt_context(&attempt->base);
    g_autofree char *name = NULL, *base = NULL, *directory = NULL;

    if (!attempt->base.config->save)
        return true;
    name = dag_context_expand(context, attempt->base.config->save, error);
    if (!name)
        return false;
    attempt->path = request_file(&attempt->base.request, name);
    base = g_path_get_basename(attempt->path);
    directory = g_path_get_dirname(attempt->path);
    attempt->temporary = g_strdup_printf("%s/.%s.XXXXXX", directory, base);
    attempt->save_fd = g_mkstemp_full(attempt->temporary, O_RDWR | O_CLOEXEC, 0666);
    if (attempt->save_fd >= 0)
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot save the answer to %s: %s",
                attempt->path, g_strerror(errno));
    g_clear_pointer(&attempt->temporary, g_free);
    return false;
}

static void
http_start(DagJob *job, const void *config)
{
    Attempt *attempt = g_new0(Attempt, 1);
    g_autoptr(GError) error = NULL;

    attempt->base.free = attempt_free;
    attempt->save_fd = -1;
    if (attempt_begin(&attempt->base, job, config, &error) &&
        prepare_saving(attempt, &error))
        look_up(attempt);
    else
        attempt_fail_with(&attempt->base, HTTP_FAILED_REQUEST, error, false);
}

static void
http_cancel(DagJob *job, DagCancelLevel level)
{
    Attempt *attempt = dag_job_data(job);

    if (attempt && !attempt_goes_on(&attempt->base, level))
        attempt_finish(&attempt->base, DAG_CANCELLED);
}

static bool
http_identify(DagContext *context, const void *data, DagKey *key, GError **error)
{
    const HttpConfig *config = data;

    if (config->save) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "it saves its answer to a file that it does not declare");
        return false;
    }
    return request_identify(config, true, context, key, error);
}

static void
describe_pairs(const DagGraph *graph, const char *what, const HttpPair *pairs, size_t n,
               GString *out)
{
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(out, "\n%s %s: ", what, pairs[i].name);
        if (pairs[i].value)
            dag_graph_describe(graph, pairs[i].value, out);
    }
}

static void
http_describe(const DagGraph *graph, const void *data, GString *out)
{
    const HttpConfig *config = data;
    const HttpService *service = http_service_of(config);

    g_string_append_printf(out, "%s ", config->method);
    if (service && service->url)
        dag_graph_describe(graph, service->url, out);
    if (config->url) {
        g_autoptr(GString) url = g_string_new(NULL);

        dag_graph_describe(graph, config->url, url);
        if (service && service->url && out->str[out->len - 1] != '/' &&
            !strchr("/?", *url->str))
            g_string_append_c(out, '/');
        g_string_append(out, url->str);
    }
    describe_pairs(graph, "query", config->queries, config->n_queries, out);
    describe_pairs(graph, "header", config->headers, config->n_headers, out);
    describe_pairs(graph, "field", config->fields, config->n_fields, out);
    if (config->body) {
        g_string_append(out, "\n");
        dag_graph_describe(graph, config->body, out);
    }
}

static const DagDeclarationType *const declarations[] = {&http_service_type, NULL};

const DagKind dag__kind_http = {
    .name = "http",
    .summary = "a request to a server",
    .attributes = http_attributes,
    .n_attributes = HTTP_N_ATTRIBUTES,
    .children = http_children,
    .n_children = HTTP_N_CHILDREN,
    .declarations = declarations,
    .has_own_codes = true,
    .occupies = DAG_OCCUPIES_CONNECTION,
    .engine = &dag__transfers_engine,
    .configure = http_configure,
    .start = http_start,
    .cancel = http_cancel,
    .identify = http_identify,
    .describe = http_describe,
};
