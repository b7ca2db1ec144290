/* SPDX-License-Identifier: MIT */
#include "chat-answer.h"

#include "event-stream.h"

#include <jansson.h>
#include <string.h>

/* Of one event of a stream. */
#define MAX_EVENT ((size_t)1 << 20)

void
dag__chat_answer_init(ChatAnswer *answer)
{
    *answer = (ChatAnswer){.text = g_string_new(NULL), .refusal = g_string_new(NULL)};
}

void
dag__chat_answer_clear(ChatAnswer *answer)
{
    g_string_free(answer->text, TRUE);
    g_string_free(answer->refusal, TRUE);
    g_free(answer->finish_reason);
    g_free(answer->model);
    g_free(answer->problem);
    g_free(answer->problem_code);
}

/* Replace a text by a JSON string; anything else leaves it. */
static void
take_text(char **text, const json_t *value)
{
    if (!json_is_string(value))
        return;
    g_free(*text);
    *text = g_strdup(json_string_value(value));
}

static void
take_count(uint64_t *count, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *count = (uint64_t)json_integer_value(value);
}

/* The last usage counts: pieces carry the sum so far. */
static void
read_usage(ChatUsage *usage, const json_t *object)
{
    if (!json_is_object(object))
        return;
    *usage = (ChatUsage){.is_known = true};
    take_count(&usage->input, object, "prompt_tokens");
    take_count(&usage->output, object, "completion_tokens");
    take_count(&usage->cached, json_object_get(object, "prompt_tokens_details"),
               "cached_tokens");
    take_count(&usage->reasoning, json_object_get(object, "completion_tokens_details"),
               "reasoning_tokens");
}

/* Append a text, or the texts of a list of parts. */
static void
append_content(GString *text, const json_t *content)
{
    if (json_is_string(content))
        g_string_append_len(text, json_string_value(content),
                            (gssize)json_string_length(content));
    for (size_t i = 0; i < json_array_size(content); i++) {
        const json_t *part = json_object_get(json_array_get(content, i), "text");

        if (json_is_string(part))
            g_string_append_len(text, json_string_value(part),
                                (gssize)json_string_length(part));
    }
}

static void
read_choice(ChatAnswer *answer, const json_t *choice)
{
    const json_t *message = json_object_get(choice, "delta");

    if (!message)
        message = json_object_get(choice, "message");
    append_content(answer->text, json_object_get(message, "content"));
    append_content(answer->refusal, json_object_get(message, "refusal"));
    if (json_array_size(json_object_get(message, "tool_calls")) > 0 ||
        json_is_object(json_object_get(message, "function_call")))
        answer->has_tool_calls = true;
    take_text(&answer->finish_reason, json_object_get(choice, "finish_reason"));
}

/* Read "error": a text, or an object with "message" and "code" or "type". */
static void
read_error(ChatAnswer *answer, const json_t *error)
{
    const json_t *code = json_object_get(error, "code");

    if (!error || json_is_null(error) || answer->problem)
        return;
    take_text(&answer->problem,
              json_is_string(error) ? error : json_object_get(error, "message"));
    take_text(&answer->problem_code,
              json_is_string(code) ? code : json_object_get(error, "type"));
    if (!answer->problem)
        answer->problem = g_strdup("an error without a message");
}

static void
set_malformed(ChatAnswer *answer, const char *why)
{
    answer->is_malformed = true;
    if (!answer->problem)
        answer->problem = g_strdup(why);
}

/* Read an object, of a piece or of a whole answer. */
static void
read_object(ChatAnswer *answer, const char *data, size_t size)
{
    json_error_t problem;
    json_t *object = json_loadb(data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    const json_t *choices = json_object_get(object, "choices");

    if (!object)
        set_malformed(answer, problem.text);
    else if (!json_is_object(object))
        set_malformed(answer, "not an object");
    for (size_t i = 0; i < json_array_size(choices); i++) {
        const json_t *choice = json_array_get(choices, i);

        if (json_integer_value(json_object_get(choice, "index")) ==
            0) /* also without "index" */
            read_choice(answer, choice);
    }
    read_usage(&answer->usage, json_object_get(object, "usage"));
    take_text(&answer->model, json_object_get(object, "model"));
    read_error(answer, json_object_get(object, "error"));
    json_decref(object);
}

bool
dag__chat_answer_add_piece(ChatAnswer *answer, const char *data, size_t size)
{
    static const char done[] = "[DONE]";

    if (size == strlen(done) && memcmp(data, done, size) == 0)
        answer->is_done = true;
    else if (size > 0)
        read_object(answer, data, size);
    return !answer->is_done && !answer->problem;
}

void
dag__chat_answer_read(ChatAnswer *answer, const char *body, size_t size)
{
    read_object(answer, body, size);
    answer->is_done = true;
}

/* A StreamEventHandler. */
static bool
add_event(const StreamEvent *event, void *answer)
{
    return dag__chat_answer_add_piece(answer, event->data, event->size);
}

bool
dag__chat_answer_read_stream(ChatAnswer *answer, const char *body, size_t size)
{
    EventStream stream;
    StreamState state;

    dag__event_stream_init(&stream, MAX_EVENT, add_event, answer);
    state = dag__event_stream_add(&stream, body, size);
    dag__event_stream_clear(&stream);
    return state != STREAM_TOO_LARGE;
}

ChatEnd
dag__chat_answer_end(const ChatAnswer *answer)
{
    const char *reason = answer->finish_reason;

    if (answer->is_malformed)
        return CHAT_MALFORMED;
    if (answer->problem)
        return CHAT_ERROR;
    if (!reason && !answer->is_done)
        return CHAT_CUT;
    if (answer->has_tool_calls || g_strcmp0(reason, "tool_calls") == 0 ||
        g_strcmp0(reason, "function_call") == 0)
        return CHAT_TOOL_CALLS;
    if (g_strcmp0(reason, "length") == 0)
        return CHAT_LENGTH;
    if (g_strcmp0(reason, "content_filter") == 0)
        return CHAT_FILTERED;
    if (answer->refusal->len > 0)
        return CHAT_REFUSED;
    return answer->text->len > 0 ? CHAT_COMPLETE : CHAT_EMPTY;
}
