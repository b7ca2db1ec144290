/* SPDX-License-Identifier: MIT */
#include "chat-request.h"

#include <string.h>

static json_t *
write_messages(const ChatMessage *messages, size_t n_messages)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n_messages; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "role", messages[i].role,
                                              "content", messages[i].text));
    return list;
}

/* Set the member, unless the value is NULL. */
static void
set_given(json_t *request, const char *name, const json_t *value)
{
    if (value)
        json_object_set_new(request, name, json_deep_copy(value));
}

static void
set_stream(json_t *request, ChatChanges changes)
{
    if (changes & CHAT_NO_STREAM)
        return;
    json_object_set_new(request, "stream", json_true());
    if (!(changes & CHAT_NO_STREAM_OPTIONS))
        json_object_set_new(request, "stream_options",
                            json_pack("{s:b}", "include_usage", 1));
}

static void
set_format(json_t *request, const json_t *schema)
{
    json_t *format = schema ? json_pack("{s:s, s:{s:s, s:O}}", "type", "json_schema",
                                        "json_schema", "name", "result", "schema", schema)
                            : json_pack("{s:s}", "type", "json_object");

    json_object_set_new(request, "response_format", format);
}

char *
dag__chat_request_write(const ChatSettings *settings, const ChatMessage *messages,
                        size_t n_messages, ChatChanges changes)
{
    json_t *request = json_object();
    char *text;

    json_object_set_new(request, "model", json_string(settings->model));
    json_object_set_new(request, "messages", write_messages(messages, n_messages));
    set_given(request, "temperature", settings->temperature);
    set_given(request, "top_p", settings->top_p);
    set_given(request, "seed", settings->seed);
    if (settings->max_tokens > 0)
        json_object_set_new(request,
                            changes & CHAT_MAX_COMPLETION_TOKENS ? "max_completion_tokens"
                                                                 : "max_tokens",
                            json_integer(settings->max_tokens));
    if (settings->wants_stream)
        set_stream(request, changes);
    if (settings->wants_json && !(changes & CHAT_NO_RESPONSE_FORMAT))
        set_format(request, settings->schema);
    if (settings->extra)
        json_object_update_recursive(request, (json_t *)settings->extra);
    text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    return text;
}

ChatChanges
dag__chat_request_change(const ChatSettings *settings, ChatChanges changes,
                         const char *message)
{
    /* A name before those that are part of it. */
    const struct {
        const char *field;
        ChatChanges change;
        bool is_sent;
    } fields[] = {
        {"stream_options", CHAT_NO_STREAM_OPTIONS,
         settings->wants_stream && !(changes & (CHAT_NO_STREAM | CHAT_NO_STREAM_OPTIONS))},
        {"response_format", CHAT_NO_RESPONSE_FORMAT, settings->wants_json},
        {"max_tokens", CHAT_MAX_COMPLETION_TOKENS, settings->max_tokens > 0},
        {"stream", CHAT_NO_STREAM, settings->wants_stream},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].is_sent && !(changes & fields[i].change) &&
            strstr(message, fields[i].field))
            return changes | fields[i].change;
    return changes;
}
