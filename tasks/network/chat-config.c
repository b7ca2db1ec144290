/* SPDX-License-Identifier: MIT */
/*
 * A file with a name that is written out in the graph is part of the graph: it is read with it, and its
 * references count.  A file that a parameter names is data, and is read when the task starts.
 */
#include "chat-config.h"

#include "chat-usage.h"

#include "graph-file.h"

#include <dagrun/error.h>
#include <dagrun/policy.h>
#include <math.h>
#include <string.h>

#define SECOND_NS (INT64_C(1000000000))
#define MIB       (INT64_C(1) << 20)

/* Defaults: a model may think for minutes before its first word. */
#define CONNECT_NS    (10 * SECOND_NS)
#define FIRST_BYTE_NS (600 * SECOND_NS)
#define STALL_NS      (120 * SECOND_NS)
#define TIMEOUT_NS    (900 * SECOND_NS)
#define MAX_SIZE      (8 * MIB)
#define RETRIES       2

static const DagAttribute message_attributes[] = {
    {.name = "file", .type = DAG_ATTRIBUTE_TEXT},
};

static const DagAttribute context_attributes[] = {
    {.name = "of", .type = DAG_ATTRIBUTE_WORDS, .required = true},
};

#define MESSAGE(role)                                                                      \
    {                                                                                      \
        .name = (role), .attributes = message_attributes,                                  \
        .n_attributes = G_N_ELEMENTS(message_attributes), .occurs = DAG_OCCURS_ANY,        \
        .text = DAG_TEXT_OPTIONAL                                                          \
    }

const DagElementType chat_children[CHAT_N_CHILDREN] = {
    MESSAGE("system"),
    MESSAGE("user"),
    MESSAGE("assistant"),
    {.name = "context",
     .attributes = context_attributes,
     .n_attributes = G_N_ELEMENTS(context_attributes),
     .occurs = DAG_OCCURS_ANY},
    {.name = "result",
     .attributes = result_attributes,
     .n_attributes = RESULT_N_ATTRIBUTES},
    {.name = "extra", .text = DAG_TEXT_REQUIRED},
};

const DagAttribute chat_attributes[CHAT_N_ATTRIBUTES] = {
    {.name = "service", .type = DAG_ATTRIBUTE_DECLARED, .of = "service", .required = true},
    {.name = "model", .type = DAG_ATTRIBUTE_TEMPLATE, .required = true},
    {.name = "temperature", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 2},
    {.name = "top-p", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 1},
    {.name = "seed", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 9007199254740991},
    {.name = "max-tokens", .type = DAG_ATTRIBUTE_NUMBER, .min = 1, .max = 1e9},
    {.name = "stream", .type = DAG_ATTRIBUTE_BOOLEAN},
    {.name = "first-byte", .type = DAG_ATTRIBUTE_DURATION},
    {.name = "stall", .type = DAG_ATTRIBUTE_DURATION},
    {.name = "cache", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "variant", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "fallback", .type = DAG_ATTRIBUTE_WORDS},
};

/* Read <system>, <user> or <assistant>. */
static bool
read_message(DagElement *element, ChatPart *part, GError **error)
{
    const char *file = dag_element_string(element, "file");
    g_autofree char *text = g_strstrip(g_strdup(dag_element_text(element)));
    const char *content;

    part->role = dag_element_strdup(element, dag_element_name(element));
    if (file && *text)
        return http_refuse(error, "<%s> has a text and a file; it is one of them",
                           part->role);
    if (!file && !*text)
        return http_refuse(error, "<%s> has neither a text nor a file", part->role);
    if (file && strstr(file, "${")) {
        part->file = dag_element_template(element, file, error);
        return part->file != NULL;
    }
    if (file && !(content = graph_file_read(element, file, error)))
        return false;
    if (file) {
        g_free(text);
        text = g_strstrip(g_strdup(content));
    }
    part->text = dag_element_template(element, text, error);
    return part->text != NULL;
}

/* Read <context>: a message for each of the tasks. */
static bool
read_context(DagElement *element, GArray *parts, GError **error)
{
    for (const char *const *task = dag_element_words(element, "of"); *task; task++) {
        g_autofree char *reference = g_strdup_printf("${%s}", *task);
        ChatPart part = {.role = "user", .task = *task};

        part.text = dag_element_template(element, reference, error);
        if (!part.text)
            return false;
        g_array_append_val(parts, part);
    }
    return true;
}

/* Estimate the tokens of the task by the texts as they are written, outputs of tasks left out. */
static void
suggest_tokens(DagElement *element, const ChatConfig *config)
{
    uint64_t tokens =
        config->max_tokens > 0 ? (uint64_t)config->max_tokens : DAG_DEFAULT_TOKENS;

    for (size_t i = 0; i < dag_element_n_children(element, NULL); i++)
        tokens += chat_estimate_message(
            strlen(dag_element_text(dag_element_child(element, NULL, i))));
    dag_element_suggest_tokens(element, tokens);
}

/* Read the messages, in the order in which they are written. */
static bool
read_messages(DagElement *element, ChatConfig *config, GError **error)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, TRUE, sizeof(ChatPart));
    bool has_user = false;
    ChatPart *copy;

    for (size_t i = 0; i < dag_element_n_children(element, NULL); i++) {
        DagElement *child = dag_element_child(element, NULL, i);
        const char *name = dag_element_name(child);
        ChatPart part = {0};

        if (strcmp(name, "context") == 0) {
            if (!read_context(child, parts, error))
                return false;
        } else if (strcmp(name, "result") != 0 && strcmp(name, "extra") != 0) {
            if (!read_message(child, &part, error))
                return false;
            g_array_append_val(parts, part);
            has_user = has_user || strcmp(name, "user") == 0;
        }
    }
    suggest_tokens(element, config);
    if (!has_user)
        return http_refuse(error, "it needs a <user>, which says what is wanted");
    copy = dag_element_alloc(element, parts->len * sizeof(ChatPart));
    memcpy(copy, parts->data, parts->len * sizeof(ChatPart));
    config->parts = copy;
    config->n_parts = parts->len;
    return true;
}

static bool
read_extra(DagElement *element, ChatConfig *config, GError **error)
{
    DagElement *extra = dag_element_child(element, "extra", 0);
    json_error_t problem;
    json_t *object;

    if (!extra)
        return true;
    config->extra = dag_element_strdup(element, dag_element_text(extra));
    object = json_loads(config->extra, JSON_REJECT_DUPLICATES, &problem);
    if (!json_is_object(object)) {
        json_decref(object);
        return http_refuse(error, "<extra> is not a JSON object: %s",
                           object ? "it is a list" : problem.text);
    }
    json_decref(object);
    return true;
}

/* Return true if `config` or one after it asks the same model of the same service. */
static bool
is_asked_already(const ChatConfig *config, const ChatConfig *wanted)
{
    for (; config != wanted; config = config->fallback)
        if (config->http.service == wanted->http.service && config->model == wanted->model)
            return true;
    return false;
}

/* Read the services to fall back on, "name" or "name:model" each: copies of the finished configuration. */
static bool
read_fallbacks(DagElement *element, ChatConfig *first, GError **error)
{
    ChatConfig *last = first;

    for (const char *const *word = dag_element_words(element, "fallback"); *word; word++) {
        g_auto(GStrv) parts = g_strsplit(*word, ":", 2);
        ChatConfig *config = dag_element_alloc(element, sizeof(ChatConfig));

        if (!*parts[0] || (parts[1] && !*parts[1]))
            return http_refuse(
                error, "fallback: \"%s\" is neither a service nor service:model", *word);
        *config = *first;
        config->is_fallback = true;
        config->fallback = NULL;
        config->http.service = dag_element_named(element, "service", parts[0]);
        if (parts[1] && !(config->model = dag_element_template(element, parts[1], error)))
            return false;
        last->fallback = config;
        last = config;
        if (is_asked_already(first, config))
            return http_refuse(error, "fallback: the service \"%s\" is asked already",
                               parts[0]);
    }
    return true;
}

void *
chat_configure(DagElement *element, GError **error)
{
    ChatConfig *config = dag_element_alloc(element, sizeof(ChatConfig));
    HttpConfig *http = &config->http;

    http->service = dag_element_declared(element, "service");
    http->method = "POST";
    http->is_idempotent = true;
    http->max_size = MAX_SIZE;
    http->connect_ns = CONNECT_NS;
    http->first_byte_ns = http_limit_ns(element, "first-byte", FIRST_BYTE_NS);
    http->stall_ns = http_limit_ns(element, "stall", STALL_NS);
    http->url = dag_element_template(element, "/chat/completions", error);
    config->model = dag_element_reference(element, "model");
    config->temperature = dag_element_number(element, "temperature", (double)NAN);
    config->top_p = dag_element_number(element, "top-p", (double)NAN);
    config->seed = dag_element_number(element, "seed", (double)NAN);
    config->max_tokens = (int64_t)dag_element_number(element, "max-tokens", 0);
    config->wants_stream = dag_element_boolean(element, "stream", true);
    config->variant = dag_element_string(element, "variant");
    dag_element_suggest_timeout(element, TIMEOUT_NS);
    dag_element_suggest_retries(element, RETRIES);
    if (config->variant && !dag_element_string(element, "cache")) {
        http_refuse(error, "a variant needs a cache: it distinguishes what is kept");
        return NULL;
    }
    if (http->url && http_read_cache(element, http, error) &&
        http_outcomes_parse("200-299", false, &http->expect, error) &&
        read_messages(element, config, error) &&
        result_read(element, &config->result, error) &&
        read_extra(element, config, error) && read_fallbacks(element, config, error))
        return config;
    return NULL;
}
