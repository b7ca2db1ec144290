/* SPDX-License-Identifier: MIT */
/*
 * Values of references cannot change the shape of a request: they are percent-encoded in the URL, escaped
 * in a body of JSON or XML, and a header with a line end is an error.
 */
#include "request.h"

#include "../process.h"

#include <dagrun/error.h>
#include <string.h>

/* Of a body that is read from files: it is held in memory. */
#define MAX_BODY ((gsize)256 << 20)

G_GNUC_PRINTF(2, 3)
static bool
refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error)
        *error = g_error_new_valist(DAG_ERROR, DAG_ERROR_INVALID, format, args);
    va_end(args);
    return false;
}

/* The arguments of the functions below. */
typedef struct Making {
    Request *request;
    const HttpConfig *config;
    const DagContext *context;
    const CurlLibrary *curl;
    const char *salt; /* of the run */
} Making;

/* Set *text_out to the text of the template, or NULL if there is none. */
static bool
expand(const Making *making, const DagTemplate *template, char **text_out, GError **error)
{
    *text_out = template ? dag_context_expand(making->context, template, error) : NULL;
    return !template || *text_out;
}

static bool
add_header(GPtrArray *headers, const char *name, const char *value, GError **error)
{
    if (strpbrk(value, "\r\n"))
        return refuse(error, "the value of the header \"%s\" has a line end", name);
    /* libcurl would leave out a header with an empty value; a semicolon sends it. */
    g_ptr_array_add(headers, *value ? g_strdup_printf("%s: %s", name, value)
                                    : g_strdup_printf("%s;", name));
    return true;
}

/* Return true if a header of this name is among the author's. */
static bool
has_header(const GPtrArray *headers, const char *name)
{
    size_t length = strlen(name);

    for (guint i = 0; i < headers->len; i++) {
        const char *line = headers->pdata[i];

        if (g_ascii_strncasecmp(line, name, length) == 0 &&
            (line[length] == ':' || line[length] == ';'))
            return true;
    }
    return false;
}

static bool
add_pairs(const Making *making, const HttpPair *pairs, size_t n, GError **error)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *value = NULL;

        if (!expand(making, pairs[i].value, &value, error) ||
            !add_header(making->request->own, pairs[i].name, value ? value : "", error))
            return false;
    }
    return true;
}

static bool
add_service(const Making *making, const HttpService *service, GError **error)
{
    Request *request = making->request;
    g_autofree char *key = NULL, *value = NULL;

    request->is_insecure = service->is_insecure;
    request->version = service->version;
    if (!add_pairs(making, service->headers, service->n_headers, error) ||
        !expand(making, service->key, &key, error) ||
        !expand(making, service->user, &request->user, error) ||
        !expand(making, service->password, &request->password, error) ||
        !expand(making, service->ca, &request->ca, error) ||
        !expand(making, service->cert, &request->cert, error) ||
        !expand(making, service->cert_key, &request->cert_key, error) ||
        !expand(making, service->proxy, &request->proxy, error))
        return false;
    if (request->proxy && strcmp(request->proxy, "none") == 0)
        *request->proxy = '\0';
    if (!key)
        return true;
    if (!*key)
        return refuse(error, "the key of the service \"%s\" is empty",
                      dag_declared_name(making->config->service));
    request->key_index = request->own->len;
    value = service->key_header ? g_strdup(key) : g_strconcat("Bearer ", key, NULL);
    return add_header(request->own,
                      service->key_header ? service->key_header : "Authorization", value,
                      error);
}

/* Join the URL of the service and that of the task. */
static char *
join_urls(const char *base, const char *relative)
{
    g_autofree char *trimmed = g_strdup(base);
    size_t length = strlen(trimmed);

    if (!relative || !*relative)
        return g_steal_pointer(&trimmed);
    if (strchr("?#", *relative))
        return g_strconcat(trimmed, relative, NULL);
    while (length > 0 && trimmed[length - 1] == '/')
        trimmed[--length] = '\0';
    return g_strconcat(trimmed, *relative == '/' ? "" : "/", relative, NULL);
}

/* Append name=value, percent-encoded. */
static bool
append_pair(const Making *making, const HttpPair *pair, GString *out, GError **error)
{
    g_autofree char *value = NULL;

    if (!expand(making, pair->value, &value, error))
        return false;
    g_string_append_uri_escaped(out, pair->name, NULL, FALSE);
    g_string_append_c(out, '=');
    g_string_append_uri_escaped(out, value ? value : "", NULL, FALSE);
    return true;
}

static bool
append_queries(const Making *making, GString *url, GError **error)
{
    const HttpConfig *config = making->config;
    char *fragment = strchr(url->str, '#');

    if (fragment) /* it is never sent */
        g_string_truncate(url, (gsize)(fragment - url->str));
    for (size_t i = 0; i < config->n_queries; i++) {
        g_string_append_c(url, strchr(url->str, '?') ? '&' : '?');
        if (!append_pair(making, &config->queries[i], url, error))
            return false;
    }
    return true;
}

/* A part of a URL. */
static char *
part_of_url(const CurlLibrary *curl, CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL, *copy;

    if (curl->url_get(url, part, &text, flags) != CURLUE_OK)
        return NULL;
    copy = g_strdup(text);
    curl->free(text);
    return copy;
}

/* Return scheme, host and port, such as "https://x:443"; free with g_free(). */
static char *
origin_of(const CurlLibrary *curl, CURLU *url)
{
    g_autofree char *scheme = part_of_url(curl, url, CURLUPART_SCHEME, 0);
    g_autofree char *host = part_of_url(curl, url, CURLUPART_HOST, 0);
    g_autofree char *port = part_of_url(curl, url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    g_autofree char *origin = g_strdup_printf("%s://%s:%s", scheme ? scheme : "",
                                              host ? host : "", port ? port : "");

    return g_ascii_strdown(origin, -1);
}

char *
request_origin(const Request *request, const CurlLibrary *curl)
{
    CURLU *url = curl->url();
    char *origin;

    curl->url_set(url, CURLUPART_URL, request->url, 0);
    origin = origin_of(curl, url);
    curl->url_cleanup(url);
    return origin;
}

static bool
is_loopback(const char *host)
{
    return g_ascii_strcasecmp(host, "localhost") == 0 || g_str_has_prefix(host, "127.") ||
           strcmp(host, "[::1]") == 0;
}

/* Check the URL.  Return false if it cannot or must not be used. */
static bool
check_url(const Making *making, GError **error)
{
    const CurlLibrary *curl = making->curl;
    Request *request = making->request;

    if (!curl->url) /* a replay: it goes nowhere */
        return true;

    CURLU *url = curl->url();
    CURLUcode code = curl->url_set(url, CURLUPART_URL, request->url, 0);
    g_autofree char *scheme = part_of_url(curl, url, CURLUPART_SCHEME, 0);
    g_autofree char *host = part_of_url(curl, url, CURLUPART_HOST, 0);
    g_autofree char *user = part_of_url(curl, url, CURLUPART_USER, 0);
    g_autofree char *password = part_of_url(curl, url, CURLUPART_PASSWORD, 0);
    bool has_secret = request->own->len > 0 || request->user;

    curl->url_cleanup(url);
    if (code != CURLUE_OK)
        return refuse(error, "its URL is not valid: %s", curl->url_strerror(code));
    if (g_strcmp0(scheme, "http") != 0 && g_strcmp0(scheme, "https") != 0)
        return refuse(error, "its URL does not begin with http:// or https://");
    if (user || password)
        return refuse(error, "its URL holds a user or a password; declare them in a "
                             "<service>");
    if (request->is_insecure && has_secret && host && !is_loopback(host))
        return refuse(error, "insecure=\"true\" would show its headers and password to "
                             "anyone on the way");
    return true;
}

static bool
make_url(const Making *making, const HttpService *service, GError **error)
{
    g_autofree char *base = NULL, *relative = NULL;
    GString *url;

    if (!expand(making, service ? service->url : NULL, &base, error) ||
        !expand(making, making->config->url, &relative, error))
        return false;
    if (!base && !relative)
        return refuse(error, "neither the task nor its service has a url");
    url = g_string_new(NULL);
    if (base) {
        g_autofree char *joined = join_urls(base, relative);

        g_string_assign(url, joined);
    } else {
        g_string_assign(url, relative);
    }

    bool good = append_queries(making, url, error);

    making->request->url = g_string_free(url, FALSE);
    return good && check_url(making, error);
}

char *
request_file(const Request *request, const char *name)
{
    if (g_path_is_absolute(name) || !request->directory)
        return g_strdup(name);
    return g_build_filename(request->directory, name, NULL);
}

/* Append the bytes of a file. */
static bool
append_file(const Making *making, const DagTemplate *template, GString *out, GError **error)
{
    g_autofree char *name = NULL, *path = NULL, *bytes = NULL;
    gsize size;

    if (!expand(making, template, &name, error))
        return false;
    path = request_file(making->request, name);
    if (!g_file_get_contents(path, &bytes, &size, error)) {
        g_prefix_error(error, "cannot read its body: ");
        return false;
    }
    if (size > MAX_BODY)
        return refuse(error, "its body has more than 256 MiB: %s", name);
    g_string_append_len(out, bytes, (gssize)size);
    return true;
}

static bool
append_part(const Making *making, const HttpPart *part, const char *boundary,
            GError **error)
{
    GString *body = making->request->body;
    g_autofree char *text = NULL, *name = NULL;

    g_string_append_printf(body, "--%s\r\nContent-Disposition: form-data; name=\"%s\"",
                           boundary, part->name);
    if (part->file) {
        g_autofree char *base = NULL;

        if (!expand(making, part->file, &name, error))
            return false;
        base = g_path_get_basename(name);
        g_strdelimit(base, "\"\r\n", '_');
        g_string_append_printf(body, "; filename=\"%s\"", base);
    }
    if (part->type || part->file)
        g_string_append_printf(body, "\r\nContent-Type: %s",
                               part->type ? part->type : "application/octet-stream");
    g_string_append(body, "\r\n\r\n");
    if (part->file && !append_file(making, part->file, body, error))
        return false;
    if (!expand(making, part->text, &text, error))
        return false;
    g_string_append(body, text ? text : "");
    g_string_append(body, "\r\n");
    return true;
}

/* Return a line that no body has by chance; free with g_free(). */
static char *
new_boundary(void)
{
    g_autofree char *id = g_uuid_string_random();

    return g_strconcat("dagrun-", id, NULL);
}

static bool
make_parts(const Making *making, char **type_out, GError **error)
{
    const char *boundary = making->request->boundary = new_boundary();

    for (size_t i = 0; i < making->config->n_parts; i++)
        if (!append_part(making, &making->config->parts[i], boundary, error))
            return false;
    g_string_append_printf(making->request->body, "--%s--\r\n", boundary);
    *type_out = g_strdup_printf("multipart/form-data; boundary=%s", boundary);
    return true;
}

static bool
make_fields(const Making *making, char **type_out, GError **error)
{
    GString *body = making->request->body;

    for (size_t i = 0; i < making->config->n_fields; i++) {
        if (i > 0)
            g_string_append_c(body, '&');
        if (!append_pair(making, &making->config->fields[i], body, error))
            return false;
    }
    *type_out = g_strdup("application/x-www-form-urlencoded");
    return true;
}

static bool
make_text(const Making *making, char **type_out, GError **error)
{
    static const char *const types[] = {[HTTP_BODY_TEXT] = "text/plain; charset=utf-8",
                                        [HTTP_BODY_JSON] = "application/json",
                                        [HTTP_BODY_XML] = "application/xml"};
    const HttpConfig *config = making->config;
    g_autofree char *text = NULL;

    *type_out = g_strdup(config->body_file && config->body_type == HTTP_BODY_TEXT
                             ? "application/octet-stream"
                             : types[config->body_type]);
    if (config->body_file)
        return append_file(making, config->body_file, making->request->body, error);
    if (!expand(making, config->body, &text, error))
        return false;
    g_string_append(making->request->body, text);
    return true;
}

static bool
make_body(const Making *making, GError **error)
{
    const HttpConfig *config = making->config;
    Request *request = making->request;
    g_autofree char *type = NULL;
    bool good;

    if (!config->body && !config->body_file && config->n_fields == 0 &&
        config->n_parts == 0)
        return true;
    request->body = g_string_new(NULL);
    if (config->n_parts > 0)
        good = make_parts(making, &type, error);
    else if (config->n_fields > 0)
        good = make_fields(making, &type, error);
    else
        good = make_text(making, &type, error);
    if (!good || has_header(request->own, "Content-Type"))
        return good;
    return add_header(request->plain, "Content-Type", type, error);
}

/* Add the key by which a server knows a repeated request: the same for all attempts of a task, and another in
 * each run. */
static bool
add_idempotency_key(const Making *making, GError **error)
{
    const HttpConfig *config = making->config;
    const DagGraph *graph = dag_context_graph(making->context);
    g_autofree char *key = NULL;

    if (!config->has_key && !config->key)
        return true;
    if (!expand(making, config->key, &key, error))
        return false;
    if (!key) {
        g_autofree char *text =
            g_strdup_printf("%s\n%s", making->salt,
                            dag_graph_task_name(graph, dag_context_task(making->context)));

        key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    }
    return add_header(making->request->own, "Idempotency-Key", key, error);
}

bool
request_init(Request *request, const HttpConfig *config, const DagContext *context,
             const Transfers *transfers, GError **error)
{
    const Making making = {request, config, context, transfers_curl(transfers),
                           transfers_salt(transfers)};
    const HttpService *service = http_service_of(config);
    g_autoptr(GError) problem = NULL;

    *request = (Request){.method = g_strdup(config->method),
                         .own = g_ptr_array_new_with_free_func(g_free),
                         .plain = g_ptr_array_new_with_free_func(g_free),
                         .key_index = UINT_MAX};
    request->directory = dag__process_directory(context, &problem);
    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    if ((service && !add_service(&making, service, error)) ||
        !add_pairs(&making, config->headers, config->n_headers, error) ||
        !make_url(&making, service, error) || !make_body(&making, error) ||
        !add_idempotency_key(&making, error))
        return false;
    return has_header(request->own, "User-Agent") ||
           add_header(request->plain, "User-Agent", "dagrun", error);
}

void
request_clear(Request *request)
{
    g_free(request->method);
    g_free(request->url);
    g_clear_pointer(&request->own, g_ptr_array_unref);
    g_clear_pointer(&request->plain, g_ptr_array_unref);
    if (request->body)
        g_string_free(request->body, TRUE);
    g_free(request->user);
    g_free(request->password);
    g_free(request->ca);
    g_free(request->cert);
    g_free(request->cert_key);
    g_free(request->proxy);
    g_free(request->directory);
    g_free(request->boundary);
}

static void
drop_body(Request *request)
{
    if (!request->body)
        return;
    g_string_free(request->body, TRUE);
    request->body = NULL;
    for (guint i = request->plain->len; i-- > 0;)
        if (g_str_has_prefix(request->plain->pdata[i], "Content-Type:"))
            g_ptr_array_remove_index(request->plain, i);
    for (guint i = request->own->len; i-- > 0;)
        if (g_ascii_strncasecmp(request->own->pdata[i], "Content-Type:", 13) == 0)
            g_ptr_array_remove_index(request->own, i);
}

void
request_set_body(Request *request, const char *type, const char *text)
{
    drop_body(request);
    request->body = g_string_new(text);
    g_ptr_array_add(request->plain, g_strdup_printf("Content-Type: %s", type));
}

/* Nothing that was meant for one origin goes to another. */
static bool
change_origin(Request *request, GError **error)
{
    if (request->body)
        return refuse(error, "a redirect to another host, scheme or port would send it the "
                             "body");
    g_ptr_array_set_size(request->own, 0);
    request->key_index = UINT_MAX;
    g_clear_pointer(&request->user, g_free);
    g_clear_pointer(&request->password, g_free);
    g_clear_pointer(&request->cert, g_free);
    g_clear_pointer(&request->cert_key, g_free);
    return true;
}

/* Change the method, as browsers do (RFC 9110, section 15.4). */
static void
change_method(Request *request, unsigned status)
{
    bool is_post = strcmp(request->method, "POST") == 0;

    if ((status == 303 && strcmp(request->method, "HEAD") != 0) ||
        ((status == 301 || status == 302) && is_post)) {
        g_free(request->method);
        request->method = g_strdup("GET");
        drop_body(request);
    }
}

bool
request_redirect(Request *request, unsigned status, const char *location,
                 const CurlLibrary *curl, GError **error)
{
    CURLU *url = curl->url();
    g_autofree char *before = NULL, *after = NULL, *target = NULL;
    CURLUcode code = curl->url_set(url, CURLUPART_URL, request->url, 0);

    before = origin_of(curl, url);
    if (code == CURLUE_OK)
        code = curl->url_set(url, CURLUPART_URL, location, 0);
    after = origin_of(curl, url);
    target = part_of_url(curl, url, CURLUPART_URL, 0);
    curl->url_cleanup(url);
    if (code != CURLUE_OK || !target ||
        (!g_str_has_prefix(after, "http://") && !g_str_has_prefix(after, "https://")))
        return refuse(error, "it is redirected to what is no URL of HTTP: \"%s\"",
                      location);
    if (g_str_has_prefix(before, "https://") && g_str_has_prefix(after, "http://"))
        return refuse(error, "it is redirected from https to http");
    change_method(request, status);
    g_free(request->url);
    request->url = g_steal_pointer(&target);
    return strcmp(before, after) == 0 || change_origin(request, error);
}
