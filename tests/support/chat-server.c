/* SPDX-License-Identifier: MIT */
/*
 * A chat service for tests and examples: POST …/chat/completions, streamed or whole, on
 * 127.0.0.1.  Its answers follow from the requests, so a test knows them.
 *
 *     chat-server [--key KEY] [--port N] [--log FILE] [--tokens FILE]
 *
 * It prints its address, such as http://127.0.0.1:40001/v1, and ends when its standard input does.
 * With --key, requests need "Authorization: Bearer KEY".  --log gets each request's body as a line, and
 * --tokens a line for each answer: its time in seconds, and all its tokens.
 *
 * The answer is the last message of the user; or, if the request asks for JSON by a schema, a value
 * that the schema allows.  The name of the model lists faults, with commas:
 *
 *     upper           answer in capitals
 *     delay=MS        wait before the first byte
 *     pace=MS         wait before each piece of a stream
 *     status=N        answer with this status and an error
 *     times=N         "status", "cut", "invalid" and "hang-up" happen to the first N requests of the model only
 *     retry-after=T   the header Retry-After with that status
 *     code=TEXT       the code of that error, such as insufficient_quota
 *     cut=N           close the connection after N pieces
 *     unfinished      end the stream without finish reason and [DONE]
 *     hang-up         close the connection without an answer
 *     finish=TEXT     the finish reason, such as length
 *     empty, refuse, tool-calls, error-event, no-usage, invalid (JSON against the schema), comments
 *     rejects=FIELD   status 400 if the request has this field
 */
#include <glib.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The server. */
typedef struct Server {
    char *key;    /* or NULL */
    FILE *log;    /* or NULL */
    FILE *tokens; /* or NULL */
    GMutex lock;
    GHashTable *counts; /* of requests, by model */
} Server;

/* One request and its answer. */
typedef struct Exchange {
    Server *server;
    GString *body;
    json_t *request;     /* or NULL */
    GHashTable *options; /* of the model: char * to char * */
    GPtrArray *pieces;   /* of a stream: char *, each an event */
    unsigned next_piece;
    size_t next_byte;
} Exchange;

static const char *
option(const Exchange *exchange, const char *name)
{
    return g_hash_table_lookup(exchange->options, name);
}

static unsigned
number_of(const Exchange *exchange, const char *name)
{
    const char *text = option(exchange, name);

    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static void
wait_ms(unsigned ms)
{
    g_usleep(ms * 1000UL);
}

/* Split "a,b=1" into options. */
static void
read_options(Exchange *exchange, const char *model)
{
    g_auto(GStrv) words = g_strsplit(model ? model : "", ",", -1);

    for (char **word = words; *word; word++) {
        char *equals = strchr(*word, '=');

        if (equals)
            *equals = '\0';
        g_hash_table_replace(exchange->options, g_strdup(*word),
                             g_strdup(equals ? equals + 1 : ""));
    }
}

/* Count the request; forget the faults that happen to the first requests only. */
static void
count_request(Exchange *exchange, const char *model)
{
    static const char *const faults[] = {"status", "cut", "invalid", "hang-up",
                                         "unfinished"};
    Server *server = exchange->server;
    unsigned n;

    g_mutex_lock(&server->lock);
    n = GPOINTER_TO_UINT(g_hash_table_lookup(server->counts, model)) + 1;
    g_hash_table_replace(server->counts, g_strdup(model), GUINT_TO_POINTER(n));
    if (server->log) {
        char *line = json_dumps(exchange->request, JSON_COMPACT);

        fprintf(server->log, "%s\n", line);
        fflush(server->log);
        free(line);
    }
    g_mutex_unlock(&server->lock);
    if (option(exchange, "times") && n > number_of(exchange, "times"))
        for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
            g_hash_table_remove(exchange->options, faults[i]);
}

/* The value of JSON as the data of one event. */
static void
add_event(Exchange *exchange, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    g_ptr_array_add(exchange->pieces, g_strdup_printf("data: %s\n\n", text));
    free(text);
    json_decref(value);
}

static unsigned
count_words(const char *text)
{
    unsigned n = 0;

    for (bool is_inside = false; *text; text++) {
        bool is_space = g_ascii_isspace(*text);

        n += !is_space && !is_inside;
        is_inside = !is_space;
    }
    return n;
}

static unsigned
count_input(const json_t *messages)
{
    unsigned n = 0;

    for (size_t i = 0; i < json_array_size(messages); i++) {
        const char *text =
            json_string_value(json_object_get(json_array_get(messages, i), "content"));

        n += text ? count_words(text) : 0;
    }
    return n;
}

/* Return a value that the schema allows; texts are `words`. */
static json_t *
value_of(const json_t *root, const json_t *schema, const char *words)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    const json_t *choices = json_object_get(schema, "enum");
    const json_t *alternatives = json_object_get(schema, "anyOf");
    const json_t *type_value = json_object_get(schema, "type");
    const char *type = json_string_value(
        json_is_array(type_value) ? json_array_get(type_value, 0) : type_value);

    if (reference && g_str_has_prefix(reference, "#/$defs/"))
        return value_of(
            root,
            json_object_get(json_object_get(root, "$defs"), reference + strlen("#/$defs/")),
            words);
    if (json_object_get(schema, "const"))
        return json_incref(json_object_get(schema, "const"));
    if (choices)
        return json_incref(json_array_get(choices, 0));
    if (alternatives)
        return value_of(root, json_array_get(alternatives, 0), words);
    if (g_strcmp0(type, "object") == 0) {
        json_t *object = json_object();
        const char *name;
        json_t *member;

        json_object_foreach(json_object_get(schema, "properties"), name, member)
        {
            json_object_set_new(object, name, value_of(root, member, words));
        }
        return object;
    }
    if (g_strcmp0(type, "array") == 0) {
        json_t *array = json_array();
        json_int_t n = json_integer_value(json_object_get(schema, "minItems"));

        for (json_int_t i = 0; i < MAX(n, 1); i++)
            json_array_append_new(array,
                                  value_of(root, json_object_get(schema, "items"), words));
        return array;
    }
    if (g_strcmp0(type, "integer") == 0 || g_strcmp0(type, "number") == 0)
        return json_integer(MAX(json_integer_value(json_object_get(schema, "minimum")), 1));
    if (g_strcmp0(type, "boolean") == 0)
        return json_true();
    if (g_strcmp0(type, "null") == 0)
        return json_null();
    return json_string(words);
}

static const char *
last_user_text(const json_t *messages)
{
    const char *text = "";

    for (size_t i = 0; i < json_array_size(messages); i++) {
        const json_t *message = json_array_get(messages, i);
        const char *role = json_string_value(json_object_get(message, "role"));

        if (g_strcmp0(role, "user") == 0)
            text = json_string_value(json_object_get(message, "content"));
    }
    return text ? text : "";
}

/* Return the text of the answer; free with g_free(). */
static char *
compose(const Exchange *exchange)
{
    const char *asked = last_user_text(json_object_get(exchange->request, "messages"));
    const json_t *format = json_object_get(exchange->request, "response_format");
    const json_t *schema =
        json_object_get(json_object_get(format, "json_schema"), "schema");
    json_t *value;
    char *dumped, *text;

    if (option(exchange, "empty") || option(exchange, "refuse") ||
        option(exchange, "tool-calls"))
        return g_strdup("");
    if (option(exchange, "invalid"))
        return g_strdup("{\"unexpected\":true}");
    if (option(exchange, "upper"))
        return g_utf8_strup(asked, -1);
    if (!schema)
        return g_strdup(asked);

    g_autofree char *words = g_utf8_substring(asked, 0, MIN(g_utf8_strlen(asked, -1), 40));

    value = value_of(schema, schema, words);
    dumped = json_dumps(value, JSON_ENCODE_ANY);
    text = g_strdup(dumped);
    free(dumped);
    json_decref(value);
    return text;
}

static json_t *
usage_of(const Exchange *exchange, const char *text)
{
    unsigned n_input = count_input(json_object_get(exchange->request, "messages"));
    unsigned n_output = count_words(text);
    Server *server = exchange->server;

    g_mutex_lock(&server->lock);
    if (server->tokens) {
        fprintf(server->tokens, "%.6f %u\n", (double)g_get_monotonic_time() / 1e6,
                n_input + n_output);
        fflush(server->tokens);
    }
    g_mutex_unlock(&server->lock);
    return json_pack("{s:i, s:i, s:i}", "prompt_tokens", (int)n_input, "completion_tokens",
                     (int)n_output, "total_tokens", (int)(n_input + n_output));
}

static const char *
finish_reason(const Exchange *exchange)
{
    if (option(exchange, "finish"))
        return option(exchange, "finish");
    return option(exchange, "tool-calls") ? "tool_calls" : "stop";
}

/* Cut the text after each space, so that the pieces make the text again. */
static void
add_text_events(Exchange *exchange, const char *text)
{
    while (*text) {
        const char *space = strchr(text, ' ');
        size_t n = space ? (size_t)(space - text) + 1 : strlen(text);

        add_event(exchange, json_pack("{s:[{s:i, s:{s:s%}}]}", "choices", "index", 0,
                                      "delta", "content", text, n));
        text += n;
    }
}

static void
compose_stream(Exchange *exchange, const char *text)
{
    const json_t *options = json_object_get(exchange->request, "stream_options");

    add_event(exchange,
              json_pack("{s:s, s:[{s:i, s:{s:s, s:s}}]}", "model", "test-1", "choices",
                        "index", 0, "delta", "role", "assistant", "content", ""));
    if (option(exchange, "comments"))
        g_ptr_array_add(exchange->pieces, g_strdup(": still here\n\n"));
    if (option(exchange, "refuse"))
        add_event(exchange, json_pack("{s:[{s:i, s:{s:s}}]}", "choices", "index", 0,
                                      "delta", "refusal", "I cannot help with that."));
    add_text_events(exchange, text);
    if (option(exchange, "error-event"))
        add_event(exchange, json_pack("{s:{s:s, s:s}}", "error", "message", "overloaded",
                                      "type", "server_error"));
    if (option(exchange, "unfinished"))
        return;
    add_event(exchange, json_pack("{s:[{s:i, s:{}, s:s}]}", "choices", "index", 0, "delta",
                                  "finish_reason", finish_reason(exchange)));
    if (json_is_true(json_object_get(options, "include_usage")) &&
        !option(exchange, "no-usage"))
        add_event(exchange,
                  json_pack("{s:[], s:o}", "choices", "usage", usage_of(exchange, text)));
    g_ptr_array_add(exchange->pieces, g_strdup("data: [DONE]\n\n"));
}

/* Give the next bytes of the stream to the library. */
static ssize_t
read_pieces(void *data, uint64_t position, char *buffer, size_t size)
{
    Exchange *exchange = data;
    const char *piece;
    size_t n;

    (void)position;
    if (exchange->next_piece >= exchange->pieces->len)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (option(exchange, "cut") && exchange->next_piece >= number_of(exchange, "cut"))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (exchange->next_byte == 0)
        wait_ms(number_of(exchange, "pace"));
    piece = g_ptr_array_index(exchange->pieces, exchange->next_piece);
    n = MIN(size, strlen(piece) - exchange->next_byte);
    memcpy(buffer, piece + exchange->next_byte, n);
    exchange->next_byte += n;
    if (!piece[exchange->next_byte]) {
        exchange->next_piece++;
        exchange->next_byte = 0;
    }
    return (ssize_t)n;
}

/* Send the response and forget it. */
static enum MHD_Result
send_response(struct MHD_Connection *connection, unsigned status,
              struct MHD_Response *response, const char *type)
{
    enum MHD_Result result;

    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
send_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return send_response(
        connection, status,
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY),
        "application/json");
}

/* Send the value of JSON. */
static enum MHD_Result
send_json(struct MHD_Connection *connection, unsigned status, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    enum MHD_Result result = send_text(connection, status, text);

    free(text);
    json_decref(value);
    return result;
}

static enum MHD_Result
send_error(struct MHD_Connection *connection, unsigned status, const char *code,
           const char *message)
{
    return send_json(
        connection, status,
        json_pack("{s:{s:s, s:s?}}", "error", "message", message, "code", code));
}

/* The status that the model's name asks for. */
static enum MHD_Result
send_status(struct MHD_Connection *connection, const Exchange *exchange)
{
    const char *code = option(exchange, "code"), *after = option(exchange, "retry-after");
    g_autofree char *text = g_strdup_printf(
        "{\"error\":{\"message\":\"as asked\",\"code\":\"%s\"}}", code ? code : "test");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY);

    if (after)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, after);
    return send_response(connection, number_of(exchange, "status"), response,
                         "application/json");
}

static enum MHD_Result
send_whole(struct MHD_Connection *connection, const Exchange *exchange, const char *text)
{
    json_t *message = json_pack("{s:s, s:s}", "role", "assistant", "content", text);
    json_t *answer;

    if (option(exchange, "refuse"))
        json_object_set_new(message, "refusal", json_string("I cannot help with that."));
    answer = json_pack("{s:s, s:[{s:i, s:o, s:s}]}", "model", "test-1", "choices", "index",
                       0, "message", message, "finish_reason", finish_reason(exchange));
    if (!option(exchange, "no-usage"))
        json_object_set_new(answer, "usage", usage_of(exchange, text));
    return send_json(connection, MHD_HTTP_OK, answer);
}

/* The exchange must outlive the response; it ends with the connection's request. */
static enum MHD_Result
answer(struct MHD_Connection *connection, Exchange *exchange)
{
    const char *model;

    exchange->request = json_loadb(exchange->body->str, exchange->body->len, 0, NULL);
    model = json_string_value(json_object_get(exchange->request, "model"));
    if (!model || !json_is_array(json_object_get(exchange->request, "messages")))
        return send_error(connection, MHD_HTTP_BAD_REQUEST, NULL, "no model or messages");
    read_options(exchange, model);
    count_request(exchange, model);
    wait_ms(number_of(exchange, "delay"));
    if (option(exchange, "hang-up"))
        return MHD_NO;
    if (option(exchange, "rejects") &&
        json_object_get(exchange->request, option(exchange, "rejects"))) {
        g_autofree char *message =
            g_strdup_printf("Unsupported parameter: '%s'", option(exchange, "rejects"));

        return send_error(connection, MHD_HTTP_BAD_REQUEST, "unsupported_parameter",
                          message);
    }
    if (option(exchange, "status"))
        return send_status(connection, exchange);

    g_autofree char *text = compose(exchange);

    if (!json_is_true(json_object_get(exchange->request, "stream")))
        return send_whole(connection, exchange, text);
    compose_stream(exchange, text);
    return send_response(connection, MHD_HTTP_OK,
                         MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096,
                                                           read_pieces, exchange, NULL),
                         "text/event-stream");
}

static bool
has_key(const Server *server, struct MHD_Connection *connection)
{
    const char *given = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                                    MHD_HTTP_HEADER_AUTHORIZATION);
    g_autofree char *wanted = g_strdup_printf("Bearer %s", server->key);

    return !server->key || g_strcmp0(given, wanted) == 0;
}

static Exchange *
exchange_new(Server *server)
{
    Exchange *exchange = g_new0(Exchange, 1);

    exchange->server = server;
    exchange->body = g_string_new(NULL);
    exchange->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    exchange->pieces = g_ptr_array_new_with_free_func(g_free);
    return exchange;
}

/* Called for each part of a request.  The signature is that of the library.
 * NOLINTBEGIN(readability-function-size) */
static enum MHD_Result
handle(void *data, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *bytes, size_t *size, void **exchange_inout)
{
    Server *server = data;
    Exchange *exchange = *exchange_inout;

    (void)version;
    if (!exchange) {
        *exchange_inout = exchange_new(server);
        return MHD_YES;
    }
    if (*size > 0) {
        g_string_append_len(exchange->body, bytes, (gssize)*size);
        *size = 0;
        return MHD_YES;
    }
    if (!has_key(server, connection))
        return send_error(connection, MHD_HTTP_UNAUTHORIZED, "invalid_api_key",
                          "Incorrect API key provided");
    if (strcmp(method, "POST") != 0 || !g_str_has_suffix(url, "/chat/completions"))
        return send_error(connection, MHD_HTTP_NOT_FOUND, NULL, "no such page");
    return answer(connection, exchange);
}

/* NOLINTEND(readability-function-size) */

static void
forget(void *data, struct MHD_Connection *connection, void **exchange_inout,
       enum MHD_RequestTerminationCode code)
{
    Exchange *exchange = *exchange_inout;

    (void)data, (void)connection, (void)code;
    if (!exchange)
        return;
    g_string_free(exchange->body, TRUE);
    json_decref(exchange->request);
    g_hash_table_unref(exchange->options);
    g_ptr_array_unref(exchange->pieces);
    g_free(exchange);
}

int
main(int argc, char **argv)
{
    g_autofree char *key = NULL, *log = NULL, *tokens = NULL;
    int port = 0;
    const GOptionEntry entries[] = {
        {"key", 0, 0, G_OPTION_ARG_STRING, &key, "the key that requests need", "KEY"},
        {"log", 0, 0, G_OPTION_ARG_FILENAME, &log, "append the requests", "FILE"},
        {"tokens", 0, 0, G_OPTION_ARG_FILENAME, &tokens, "append the tokens", "FILE"},
        {"port", 0, 0, G_OPTION_ARG_INT, &port, "0: a free one", "N"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- a chat service for tests");
    g_autoptr(GError) error = NULL;
    Server server = {.counts =
                         g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct MHD_Daemon *daemon;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        g_printerr("chat-server: %s\n", error->message);
        return 2;
    }
    server.key = key;
    server.log = log ? fopen(log, "a") : NULL;
    server.tokens = tokens ? fopen(tokens, "a") : NULL;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0,
                         NULL, NULL, handle, &server, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (!daemon) {
        g_printerr("chat-server: cannot listen on port %d\n", port);
        return 4;
    }
    printf("http://127.0.0.1:%d/v1\n",
           MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    for (char byte; read(STDIN_FILENO, &byte, 1) > 0;)
        ;
    _exit(0); /* without waiting for requests that are delayed */
}
