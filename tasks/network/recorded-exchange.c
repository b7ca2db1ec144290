/* SPDX-License-Identifier: MIT */
/*
 * The same request of another run has another secret, another boundary of its parts and another key by which
 * the server knows it again.  In a recording these are fixed words.
 */
#include "recorded-exchange.h"

#include <dagrun/error.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MASKED        "***"
#define MASKED_IN_URL "%2A%2A%2A" /* of a secret that was not given */
#define BOUNDARY      "dagrun-boundary"

/* A password or key with fewer characters is not looked for in texts: it would be found by chance. */
#define LEAST_SECRET 4

static void
replace(GString *text, const char *part, const char *by)
{
    if (part && *part)
        g_string_replace(text, part, by, 0);
}

/* Add a secret to a list that has a place for it. */
static void
add_secret(const char **secrets, const char *secret)
{
    while (*secrets)
        secrets++;
    if (secret && strlen(secret) >= LEAST_SECRET)
        *secrets = secret;
}

/* Return the key of the service as it stands in its header, or NULL. */
static const char *
key_of(const Request *request)
{
    const char *value;

    if (request->key_index >= request->own->len)
        return NULL;
    value = strchr(request->own->pdata[request->key_index], ':');
    if (!value)
        return NULL;
    value += strspn(value, ": ");
    return g_str_has_prefix(value, "Bearer ") ? value + strlen("Bearer ") : value;
}

void
recorded_mask(const Request *request, const DagMask *mask, GString *text)
{
    const char *secrets[4] = {NULL};
    g_autofree char *both = NULL, *encoded = NULL;

    if (request->user && request->password) {
        both = g_strconcat(request->user, ":", request->password, NULL);
        encoded = g_base64_encode((const guchar *)both, strlen(both));
    }
    add_secret(secrets, encoded);
    add_secret(secrets, request->password);
    add_secret(secrets, key_of(request));
    dag_mask_text_and(mask, secrets, text); /* at once: one may be a part of another */
}

/* Return the text of a request as it is recorded, in UTF-8 as JSON has it, so that it is found again; free with
 * g_free(). */
static char *
plain_text(const Request *request, const DagMask *mask, const char *text)
{
    g_autoptr(GString) plain = g_string_new(text);

    replace(plain, request->boundary, BOUNDARY);
    recorded_mask(request, mask, plain);
    replace(plain, MASKED_IN_URL, MASKED);
    return g_utf8_make_valid(plain->str, (gssize)plain->len);
}

/* Return the header as it is recorded; free with g_free(). */
static char *
plain_header(const Request *request, const HttpConfig *config, const DagMask *mask,
             const char *line)
{
    const char *value = strchr(line, ':');

    if (config->has_key && g_ascii_strncasecmp(line, "Idempotency-Key:", 16) == 0)
        return g_strdup("Idempotency-Key: auto");
    if (value && request->key_index < request->own->len &&
        request->own->pdata[request->key_index] == line)
        return g_strdup_printf("%.*s: %s" MASKED, (int)(value - line), line,
                               strncmp(value, ": Bearer ", 9) == 0 ? "Bearer " : "");
    return plain_text(request, mask, line);
}

RecordedRequest
recorded_request_of(const Request *request, const HttpConfig *config, const DagMask *mask)
{
    RecordedRequest plain = {.method = g_strdup(request->method),
                             .url = plain_text(request, mask, request->url),
                             .headers = g_ptr_array_new_with_free_func(g_free)};

    for (guint i = 0; i < request->own->len; i++)
        g_ptr_array_add(plain.headers,
                        plain_header(request, config, mask, request->own->pdata[i]));
    if (request->user) /* libcurl makes this header */
        g_ptr_array_add(plain.headers, g_strdup("Authorization: Basic " MASKED));
    for (guint i = 0; i < request->plain->len; i++)
        g_ptr_array_add(plain.headers,
                        plain_header(request, config, mask, request->plain->pdata[i]));
    if (request->body) {
        plain.body = g_string_new_len(request->body->str, (gssize)request->body->len);
        replace(plain.body, request->boundary, BOUNDARY);
        recorded_mask(request, mask, plain.body);
        replace(plain.body, MASKED_IN_URL, MASKED);
    }
    return plain;
}

void
recorded_request_clear(RecordedRequest *request)
{
    g_free(request->method);
    g_free(request->url);
    if (request->headers)
        g_ptr_array_unref(request->headers);
    if (request->body)
        g_string_free(request->body, TRUE);
    *request = (RecordedRequest){0};
}

char *
recorded_request_text(const RecordedRequest *request)
{
    GString *text = g_string_new(request->method);

    g_string_append_printf(text, " %s\n", request->url);
    for (guint i = 0; i < request->headers->len; i++)
        g_string_append_printf(text, "%s\n", (const char *)request->headers->pdata[i]);
    if (request->body) {
        g_autofree char *sum = g_compute_checksum_for_data(
            G_CHECKSUM_SHA256, (const guchar *)request->body->str, request->body->len);

        g_string_append_printf(text, "\n%s", sum);
    }
    return g_string_free(text, FALSE);
}

/* Set a member to the bytes: as text, or in base64 as another member. */
static void
set_bytes(json_t *object, const char *name, const GString *bytes)
{
    json_t *text =
        memchr(bytes->str, 0, bytes->len) ? NULL : json_stringn(bytes->str, bytes->len);
    g_autofree char *other = g_strconcat(name, "_base64", NULL);

    if (text) {
        json_object_set_new(object, name, text);
    } else {
        g_autofree char *encoded = g_base64_encode((const guchar *)bytes->str, bytes->len);

        json_object_set_new(object, other, json_string(encoded));
    }
}

static void
set_text(json_t *object, const char *name, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

    if (text)
        json_object_set_new(object, name, json_string(valid));
}

static void
set_lines(json_t *object, const char *name, const GPtrArray *lines)
{
    json_t *list = json_array();

    for (guint i = 0; i < lines->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(lines->pdata[i], -1);

        json_array_append_new(list, json_string(valid));
    }
    json_object_set_new(object, name, list);
}

GString *
recorded_exchange_write(const RecordedExchange *exchange)
{
    const RecordedRequest *request = &exchange->request;
    json_t *object = json_object();
    GString *line;
    char *text;

    set_text(object, "method", request->method);
    set_text(object, "url", request->url);
    set_lines(object, "headers", request->headers);
    if (request->body)
        set_bytes(object, "body", request->body);
    json_object_set_new(object, "sent", json_boolean(exchange->is_sent));
    json_object_set_new(object, "whole", json_boolean(exchange->is_whole));
    json_object_set_new(object, "status", json_integer(exchange->status));
    set_text(object, "failure", exchange->failure);
    if (exchange->code != 0) {
        json_object_set_new(object, "curl_code", json_integer(exchange->code));
        set_text(object, "problem", exchange->problem);
    }
    set_lines(object, "answer_headers", exchange->headers);
    set_bytes(object, "answer_body", exchange->body);
    text = json_dumps(object, JSON_COMPACT);
    line = g_string_new(text);
    g_string_append_c(line, '\n');
    free(text);
    json_decref(object);
    return line;
}

/* The members of a line are read one by one; the first fault stays. */
typedef struct LineReader {
    const json_t *object;
    GError **error;
    bool is_bad;
} LineReader;

static void
refuse(LineReader *reader, const char *name, const char *problem)
{
    if (!reader->is_bad)
        g_set_error(reader->error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" %s", name,
                    problem);
    reader->is_bad = true;
}

/* Return a copy of a text; free with g_free().  NULL: it is absent. */
static char *
read_text(LineReader *reader, const char *name, bool is_required)
{
    const json_t *value = json_object_get(reader->object, name);

    if (value && !json_is_string(value))
        refuse(reader, name, "is not a text");
    else if (!value && is_required)
        refuse(reader, name, "is missing");
    return g_strdup(json_string_value(value));
}

static bool
read_boolean(LineReader *reader, const char *name)
{
    const json_t *value = json_object_get(reader->object, name);

    if (!json_is_boolean(value))
        refuse(reader, name, "is neither true nor false");
    return json_is_true(value);
}

static unsigned
read_number(LineReader *reader, const char *name, json_int_t most)
{
    const json_t *value = json_object_get(reader->object, name);
    json_int_t number = json_integer_value(value);

    if (value && (!json_is_integer(value) || number < 0 || number > most))
        refuse(reader, name, "is not such a number");
    else
        return (unsigned)number;
    return 0;
}

/* Return the lines; never NULL. */
static GPtrArray *
read_lines(LineReader *reader, const char *name)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    const json_t *list = json_object_get(reader->object, name);

    if (!json_is_array(list))
        refuse(reader, name, "is not a list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *line = json_string_value(json_array_get(list, i));

        if (!line)
            refuse(reader, name, "has an entry that is not a text");
        g_ptr_array_add(lines, g_strdup(line ? line : ""));
    }
    return lines;
}

/* Return the bytes, or NULL if there are none. */
static GString *
read_bytes(LineReader *reader, const char *name)
{
    g_autofree char *other = g_strconcat(name, "_base64", NULL);
    g_autofree char *text = read_text(reader, name, false);
    g_autofree char *encoded = read_text(reader, other, false);
    GString *bytes;
    gsize size;

    if (text)
        return g_string_new(text);
    if (!encoded)
        return NULL;
    if (strlen(encoded) % 4 != 0 ||
        encoded[strspn(encoded, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789+/=")])
        refuse(reader, other, "is not base64");
    bytes = g_string_new(encoded);
    if (bytes->len > 1) { /* GLib refuses less, which is nothing, or refused above */
        g_base64_decode_inplace(bytes->str, &size);
        g_string_truncate(bytes, size);
    }
    return bytes;
}

static void
read_members(LineReader *reader, RecordedExchange *exchange)
{
    exchange->request = (RecordedRequest){.method = read_text(reader, "method", true),
                                          .url = read_text(reader, "url", true),
                                          .headers = read_lines(reader, "headers"),
                                          .body = read_bytes(reader, "body")};
    exchange->is_sent = read_boolean(reader, "sent");
    exchange->is_whole = read_boolean(reader, "whole");
    exchange->status = read_number(reader, "status", 999);
    exchange->failure = read_text(reader, "failure", false);
    exchange->code = (int)read_number(reader, "curl_code", CURL_LAST - 1);
    exchange->problem = read_text(reader, "problem", false);
    exchange->headers = read_lines(reader, "answer_headers");
    exchange->body = read_bytes(reader, "answer_body");
    if (!exchange->body)
        exchange->body = g_string_new(NULL);
    if (!exchange->failure && exchange->is_whole && exchange->headers->len == 0)
        refuse(reader, "answer_headers", "is empty");
}

RecordedExchange *
recorded_exchange_read(const char *line, size_t size, GError **error)
{
    json_error_t problem;
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &problem);
    LineReader reader = {object, error, false};
    RecordedExchange *exchange;

    if (!json_is_object(object)) {
        if (object)
            g_set_error_literal(error, DAG_ERROR, DAG_ERROR_INVALID, "not an object");
        else
            g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "not JSON: %s", problem.text);
        json_decref(object);
        return NULL;
    }
    exchange = g_new0(RecordedExchange, 1);
    read_members(&reader, exchange);
    json_decref(object);
    if (!reader.is_bad)
        return exchange;
    recorded_exchange_free(exchange);
    return NULL;
}

void
recorded_exchange_free(RecordedExchange *exchange)
{
    if (!exchange)
        return;
    recorded_request_clear(&exchange->request);
    g_free(exchange->failure);
    g_free(exchange->problem);
    if (exchange->headers)
        g_ptr_array_unref(exchange->headers);
    if (exchange->body)
        g_string_free(exchange->body, TRUE);
    g_free(exchange);
}
