/* SPDX-License-Identifier: MIT */
#include "http-config.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <dagrun/json.h>
#include <dagrun/xpath.h>
#include <math.h>
#include <string.h>

#define SECOND_NS (INT64_C(1000000000))
#define MIB       (INT64_C(1) << 20)

/* Defaults.  A request without an end would hold up its run. */
#define CONNECT_NS     (10 * SECOND_NS)
#define FIRST_BYTE_NS  (60 * SECOND_NS)
#define STALL_NS       (60 * SECOND_NS)
#define TIMEOUT_NS     (300 * SECOND_NS)
#define MAX_SIZE       (8 * MIB)
#define MAX_SAVED_SIZE (1024 * MIB)
#define REDIRECTS      5

/* Sums of waits stay below the largest number. */
#define MAX_PATIENCE_NS (INT64_MAX / 2 / HTTP_ALL_PATIENCE)

static const DagAttribute pair_attributes[] = {
    {.name = "name", .type = DAG_ATTRIBUTE_TEXT, .required = true},
    {.name = "value", .type = DAG_ATTRIBUTE_TEMPLATE},
};

#define NO_SECRET                                                                          \
    "servers and proxies write URLs to their logs; send it in a <header>, or as the key "  \
    "of a <service>"

static const DagAttribute query_attributes[] = {
    {.name = "name", .type = DAG_ATTRIBUTE_TEXT, .required = true},
    {.name = "value", .type = DAG_ATTRIBUTE_TEMPLATE, .no_secret = NO_SECRET},
};

static const char *const versions[] = {"auto", "on", "off", NULL};
static const char *const body_types[] = {"text", "json", "xml", NULL};

static const DagAttribute body_attributes[] = {
    {.name = "type", .type = DAG_ATTRIBUTE_CHOICE, .choices = body_types},
    {.name = "file", .type = DAG_ATTRIBUTE_TEMPLATE},
};

static const DagAttribute part_attributes[] = {
    {.name = "name", .type = DAG_ATTRIBUTE_TEXT, .required = true},
    {.name = "value", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "file", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "type", .type = DAG_ATTRIBUTE_TEXT},
};

static const DagAttribute extract_attributes[] = {
    {.name = "json", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "xpath", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "header", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "status", .type = DAG_ATTRIBUTE_BOOLEAN},
    {.name = "default", .type = DAG_ATTRIBUTE_TEXT},
};

#define PAIRS(element)                                                                     \
    {                                                                                      \
        .name = (element), .attributes = pair_attributes,                                  \
        .n_attributes = G_N_ELEMENTS(pair_attributes), .occurs = DAG_OCCURS_ANY            \
    }

const DagElementType http_children[HTTP_N_CHILDREN] = {
    {.name = "query",
     .attributes = query_attributes,
     .n_attributes = G_N_ELEMENTS(query_attributes),
     .occurs = DAG_OCCURS_ANY},
    PAIRS("header"),
    PAIRS("field"),
    {.name = "body",
     .attributes = body_attributes,
     .n_attributes = G_N_ELEMENTS(body_attributes),
     .text = DAG_TEXT_OPTIONAL},
    {.name = "part",
     .attributes = part_attributes,
     .n_attributes = G_N_ELEMENTS(part_attributes),
     .occurs = DAG_OCCURS_ANY},
    {.name = "extract",
     .attributes = extract_attributes,
     .n_attributes = G_N_ELEMENTS(extract_attributes),
     .occurs = DAG_OCCURS_ANY},
    {.name = "result",
     .attributes = result_attributes,
     .n_attributes = RESULT_N_ATTRIBUTES},
};

const DagAttribute http_attributes[HTTP_N_ATTRIBUTES] = {
    {.name = "service", .type = DAG_ATTRIBUTE_DECLARED, .of = "service"},
    {.name = "url",
     .type = DAG_ATTRIBUTE_TEMPLATE,
     .escape = DAG_ESCAPE_URL,
     .no_secret = NO_SECRET},
    {.name = "method", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "redirects", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 100},
    {.name = "max-size", .type = DAG_ATTRIBUTE_SIZE},
    {.name = "save", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "connect-timeout", .type = DAG_ATTRIBUTE_DURATION},
    {.name = "first-byte", .type = DAG_ATTRIBUTE_DURATION},
    {.name = "stall", .type = DAG_ATTRIBUTE_DURATION},
    {.name = "idempotent", .type = DAG_ATTRIBUTE_BOOLEAN},
    {.name = "idempotency-key", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "cache", .type = DAG_ATTRIBUTE_TEXT},
};

static const DagAttribute service_attributes[] = {
    {.name = "name", .type = DAG_ATTRIBUTE_NAME, .required = true},
    {.name = "url",
     .type = DAG_ATTRIBUTE_TEMPLATE,
     .escape = DAG_ESCAPE_URL,
     .no_secret = NO_SECRET},
    {.name = "key", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "key-header", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "user", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "password", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "ca", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "cert", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "cert-key", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "insecure", .type = DAG_ATTRIBUTE_BOOLEAN},
    {.name = "proxy", .type = DAG_ATTRIBUTE_TEMPLATE},
    {.name = "http2", .type = DAG_ATTRIBUTE_CHOICE, .choices = versions},
    {.name = "price-input", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 1e9},
    {.name = "price-cached", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 1e9},
    {.name = "price-output", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 1e9},
    {.name = "context", .type = DAG_ATTRIBUTE_NUMBER, .min = 1, .max = 1e9},
    {.name = "uses", .type = DAG_ATTRIBUTE_USES},
    {.name = "connections", .type = DAG_ATTRIBUTE_SLOTS},
    {.name = "patience", .type = DAG_ATTRIBUTE_DURATION},
};

static const DagElementType service_children[] = {PAIRS("header")};

bool
http_refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_clear_error(error);
    if (error)
        *error = g_error_new_valist(DAG_ERROR, DAG_ERROR_INVALID, format, args);
    va_end(args);
    return false;
}

/* Return true if the text is a token of HTTP, as names of headers and methods are. */
static bool
is_token(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("!#$%&'*+-.^_`|~", *c))
            return false;
    return *text;
}

/* Read the children called `element`. */
static const HttpPair *
read_pairs(DagElement *parent, const char *element, size_t *n_out)
{
    size_t n = dag_element_n_children(parent, element);
    HttpPair *pairs = dag_element_alloc(parent, (n + 1) * sizeof(HttpPair));

    for (size_t i = 0; i < n; i++) {
        DagElement *child = dag_element_child(parent, element, i);

        pairs[i] = (HttpPair){dag_element_string(child, "name"),
                              dag_element_reference(child, "value")};
    }
    *n_out = n;
    return pairs;
}

/* Headers that libcurl or dagrun itself sets, and that would contradict the request. */
static bool
is_own_header(const char *name)
{
    static const char *const names[] = {"Connection", "Content-Length",    "Expect",
                                        "Host",       "Transfer-Encoding", NULL};

    for (const char *const *own = names; *own; own++)
        if (g_ascii_strcasecmp(name, *own) == 0)
            return true;
    return false;
}

static bool
check_headers(const HttpPair *headers, size_t n, GError **error)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_token(headers[i].name))
            return http_refuse(error, "\"%s\" is not the name of a header",
                               headers[i].name);
        if (is_own_header(headers[i].name))
            return http_refuse(error, "the header \"%s\" is set by the request itself",
                               headers[i].name);
    }
    return true;
}

static void *
configure_service(DagElement *element, GError **error)
{
    HttpService *service = dag_element_alloc(element, sizeof(HttpService));
    int64_t patience_ns;

    service->url = dag_element_reference(element, "url");
    service->key = dag_element_reference(element, "key");
    service->key_header = dag_element_string(element, "key-header");
    service->user = dag_element_reference(element, "user");
    service->password = dag_element_reference(element, "password");
    service->ca = dag_element_reference(element, "ca");
    service->cert = dag_element_reference(element, "cert");
    service->cert_key = dag_element_reference(element, "cert-key");
    service->is_insecure = dag_element_boolean(element, "insecure", false);
    service->proxy = dag_element_reference(element, "proxy");
    service->version = (HttpVersion)dag_element_choice(element, "http2", HTTP_2_AUTO);
    service->price_input = dag_element_number(element, "price-input", (double)NAN);
    service->price_cached = dag_element_number(element, "price-cached", (double)NAN);
    service->price_output = dag_element_number(element, "price-output", (double)NAN);
    service->context = (int64_t)dag_element_number(element, "context", 0);
    patience_ns = dag_element_duration_ns(element, "patience");
    service->patience_ns =
        patience_ns < 0 ? HTTP_PATIENCE_NS : MIN(patience_ns, MAX_PATIENCE_NS);
    service->headers = read_pairs(element, "header", &service->n_headers);
    if (service->key_header && !is_token(service->key_header))
        http_refuse(error, "\"%s\" is not the name of a header", service->key_header);
    else if (service->key_header && !service->key)
        http_refuse(error, "a key-header needs a key");
    else if (service->password && !service->user)
        http_refuse(error, "a password needs a user");
    else if (service->key && service->user && !service->key_header)
        http_refuse(error, "key and user both make the header Authorization");
    else if (check_headers(service->headers, service->n_headers, error))
        return service;
    return NULL;
}

const DagDeclarationType http_service_type = {
    .element = {.name = "service",
                .attributes = service_attributes,
                .n_attributes = G_N_ELEMENTS(service_attributes),
                .children = service_children,
                .n_children = G_N_ELEMENTS(service_children)},
    .configure = configure_service,
};

const HttpService *
http_service_of(const HttpConfig *config)
{
    return config->service ? dag_declared_config(config->service) : NULL;
}

int64_t
http_patience_ns(const HttpConfig *config)
{
    const HttpService *service = http_service_of(config);

    return service ? service->patience_ns : HTTP_PATIENCE_NS;
}

bool
http_service_has_prices(const HttpService *service)
{
    return !isnan(service->price_input) || !isnan(service->price_cached) ||
           !isnan(service->price_output);
}

/* Read <body>: its text, or the name of a file. */
static bool
read_body(DagElement *element, HttpConfig *config, GError **error)
{
    static const DagEscape escapes[] = {[HTTP_BODY_TEXT] = DAG_ESCAPE_NONE,
                                        [HTTP_BODY_JSON] = DAG_ESCAPE_JSON,
                                        [HTTP_BODY_XML] = DAG_ESCAPE_XML};
    DagElement *body = dag_element_child(element, "body", 0);

    if (!body)
        return true;
    config->body_type = (HttpBodyType)dag_element_choice(body, "type", HTTP_BODY_TEXT);
    config->body_file = dag_element_reference(body, "file");
    if (config->body_file)
        return !*dag_element_text(body) ||
               http_refuse(error, "<body> has a text and a file; it is one of them");
    config->body = dag_element_escaped(body, dag_element_text(body),
                                       escapes[config->body_type], error);
    return config->body != NULL;
}

static bool
read_parts(DagElement *element, HttpConfig *config, GError **error)
{
    size_t n = dag_element_n_children(element, "part");
    HttpPart *parts = dag_element_alloc(element, (n + 1) * sizeof(HttpPart));

    for (size_t i = 0; i < n; i++) {
        DagElement *child = dag_element_child(element, "part", i);

        parts[i] = (HttpPart){.name = dag_element_string(child, "name"),
                              .type = dag_element_string(child, "type"),
                              .text = dag_element_reference(child, "value"),
                              .file = dag_element_reference(child, "file")};
        if (parts[i].text && parts[i].file)
            return http_refuse(error, "<part> has a value and a file; it is one of them");
        if (strpbrk(parts[i].name, "\r\n\"") ||
            (parts[i].type && strpbrk(parts[i].type, "\r\n")))
            return http_refuse(error, "<part>: a name or type has a quote or a line end");
    }
    config->parts = parts;
    config->n_parts = n;
    return true;
}

/* Check what is to be taken out of the answer. */
static bool
check_extract(const HttpConfig *config, const HttpExtract *extract, bool wants_status,
              GError **error)
{
    g_autoptr(GError) problem = NULL;

    if ((extract->json != NULL) + (extract->xpath != NULL) + (extract->header != NULL) +
            wants_status !=
        1)
        return http_refuse(error,
                           "<extract> has one of json, xpath, header and status=\"true\"");
    if (extract->json && !dag_json_is_pointer(extract->json))
        return http_refuse(error, "\"%s\" is not a JSON pointer, such as /a/0",
                           extract->json);
    if (extract->xpath && !dag_xpath_check(extract->xpath, &problem))
        return http_refuse(error, "%s", problem->message);
    if ((extract->json || extract->xpath) && config->save)
        return http_refuse(error, "the body is saved, so no value is extracted from it");
    return true;
}

static bool
read_extracts(DagElement *element, HttpConfig *config, GError **error)
{
    size_t n = dag_element_n_children(element, "extract");
    HttpExtract *extracts = dag_element_alloc(element, (n + 1) * sizeof(HttpExtract));

    for (size_t i = 0; i < n; i++) {
        DagElement *child = dag_element_child(element, "extract", i);
        HttpExtract *extract = &extracts[i];

        extract->json = dag_element_string(child, "json");
        extract->xpath = dag_element_string(child, "xpath");
        extract->header = dag_element_string(child, "header");
        extract->otherwise = dag_element_string(child, "default");
        if (!check_extract(config, extract, dag_element_boolean(child, "status", false),
                           error))
            return false;
    }
    config->extracts = extracts;
    config->n_extracts = n;
    return true;
}

/* Read <result>. */
static bool
read_demands(DagElement *element, HttpConfig *config, GError **error)
{
    if (!result_read(element, &config->result, error))
        return false;
    if (config->result.is_given && config->save)
        return http_refuse(error, "the body is saved, so its <result> is not checked");
    if (config->result.repair > 0)
        return http_refuse(error,
                           "<result>: repair asks a model again; a server would give "
                           "the same answer");
    return true;
}

static bool
has_body(const HttpConfig *config)
{
    return config->body || config->body_file || config->n_fields > 0 || config->n_parts > 0;
}

static bool
is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET",     "HEAD",  "PUT", "DELETE",
                                          "OPTIONS", "TRACE", NULL};

    return g_strv_contains(methods, method);
}

static bool
read_method(DagElement *element, HttpConfig *config, GError **error)
{
    const char *method = dag_element_string(element, "method");
    int n_bodies = (config->body || config->body_file) + (config->n_fields > 0) +
                   (config->n_parts > 0);

    config->method = method ? method : has_body(config) ? "POST" : "GET";
    if (!is_token(config->method))
        return http_refuse(error, "\"%s\" is not a method", config->method);
    for (const char *c = config->method; *c; c++)
        if (g_ascii_islower(*c))
            return http_refuse(error, "methods have upper-case letters: %s",
                               config->method);
    if (n_bodies > 1)
        return http_refuse(error, "a request has one of <body>, <field> and <part>");
    if (n_bodies > 0 && strcmp(config->method, "HEAD") == 0)
        return http_refuse(error, "HEAD has no body");
    bool is_safe =
        strcmp(config->method, "GET") == 0 || strcmp(config->method, "HEAD") == 0;
    double redirects = dag_element_number(element, "redirects", is_safe ? REDIRECTS : 0);

    if (redirects != (int)redirects)
        return http_refuse(error, "the number of redirects is not whole");
    config->redirects = (int)redirects;
    config->is_idempotent = dag_element_boolean(element, "idempotent",
                                                is_idempotent(config->method) ||
                                                    config->has_key || config->key);
    return true;
}

/* Return whether the URL names its host. */
static bool
is_absolute(const char *url)
{
    return g_str_has_prefix(url, "http://") || g_str_has_prefix(url, "https://");
}

static bool
check_url(const HttpConfig *config, GError **error)
{
    const char *url = config->url ? dag_template_constant(config->url) : NULL;

    if (!config->url && !config->service)
        return http_refuse(error, "it needs a url, or a service with one");
    /* While the graph is built, a reference is no constant yet. */
    if (url && !config->service && !is_absolute(url))
        return http_refuse(error, "\"%s\" does not begin with http:// or https://", url);
    if (url && config->service && is_absolute(url))
        return http_refuse(error,
                           "with a service, the url is relative to it: \"%s\" is not", url);
    return true;
}

static bool
read_outcomes(DagElement *element, HttpConfig *config, GError **error)
{
    const char *expect = dag_element_expect(element);
    const char *retry_on = dag_element_retry_on(element);
    g_autoptr(GError) problem = NULL;

    config->expected = dag_element_strdup(element, expect ? expect : "200-299");
    if (!http_outcomes_parse(config->expected, false, &config->expect, &problem))
        return http_refuse(error, "expect: %s", problem->message);
    if (retry_on && !http_outcomes_parse(retry_on, true, &config->retry_on, &problem))
        return http_refuse(error, "retry-on: %s", problem->message);
    return true;
}

int64_t
http_limit_ns(const DagElement *element, const char *name, int64_t otherwise)
{
    int64_t ns = dag_element_duration_ns(element, name);

    return ns < 0 ? otherwise : ns;
}

bool
http_read_cache(const DagElement *element, HttpConfig *config, GError **error)
{
    const char *text = dag_element_string(element, "cache");

    if (!text)
        return true;
    if (!dag_age_parse(text, &config->cache_ns, NULL))
        return http_refuse(error, "cache=\"%s\" is neither \"forever\" nor a duration",
                           text);
    if (config->save)
        return http_refuse(error, "the answer is saved, so it is not kept in the cache");
    return true;
}

void *
http_configure(DagElement *element, GError **error)
{
    HttpConfig *config = dag_element_alloc(element, sizeof(HttpConfig));
    const DagTemplate *key = dag_element_reference(element, "idempotency-key");
    const char *constant = key ? dag_template_constant(key) : NULL;

    config->service = dag_element_declared(element, "service");
    config->url = dag_element_reference(element, "url");
    config->save = dag_element_reference(element, "save");
    config->max_size =
        dag_element_size(element, "max-size", config->save ? MAX_SAVED_SIZE : MAX_SIZE);
    config->connect_ns = http_limit_ns(element, "connect-timeout", CONNECT_NS);
    config->first_byte_ns = http_limit_ns(element, "first-byte", FIRST_BYTE_NS);
    config->stall_ns = http_limit_ns(element, "stall", STALL_NS);
    config->has_key = g_strcmp0(constant, "auto") == 0;
    config->key = config->has_key ? NULL : key;
    config->queries = read_pairs(element, "query", &config->n_queries);
    config->headers = read_pairs(element, "header", &config->n_headers);
    config->fields = read_pairs(element, "field", &config->n_fields);
    dag_element_suggest_timeout(element, TIMEOUT_NS);
    if (config->max_size == 0) {
        http_refuse(error, "max-size is 0");
        return NULL;
    }
    if (check_url(config, error) &&
        check_headers(config->headers, config->n_headers, error) &&
        read_body(element, config, error) && read_parts(element, config, error) &&
        read_extracts(element, config, error) && read_demands(element, config, error) &&
        read_method(element, config, error) && read_outcomes(element, config, error) &&
        http_read_cache(element, config, error))
        return config;
    return NULL;
}
