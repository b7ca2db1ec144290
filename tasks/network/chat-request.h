/* SPDX-License-Identifier: MIT */
/*
 * The request to a chat service: a JSON object with the model and the messages, as OpenAI's
 * interface and those that follow it expect.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message of a conversation. */
typedef struct ChatMessage {
    const char *role; /* "system", "user" or "assistant" */
    const char *text;
} ChatMessage;

/* How a request differs for a service that has refused a field.  Bits. */
typedef enum ChatChanges {
    CHAT_UNCHANGED = 0,
    CHAT_NO_STREAM_OPTIONS = 1 << 0,
    CHAT_NO_STREAM = 1 << 1,
    CHAT_NO_RESPONSE_FORMAT = 1 << 2,
    CHAT_MAX_COMPLETION_TOKENS = 1 << 3, /* the newer name of max_tokens */
} ChatChanges;

/* The declarations of a task.  All is borrowed. */
typedef struct ChatSettings {
    const char *model;
    const json_t *temperature, *top_p, *seed; /* numbers; NULL: not sent */
    int64_t max_tokens;                       /* 0: not sent */
    bool wants_stream;
    bool wants_json;      /* in the answer */
    const json_t *schema; /* of that JSON, or NULL */
    const json_t *extra;  /* an object merged into the request, or NULL */
} ChatSettings;

/* Returns: the request's body; free with free(). */
char *dag__chat_request_write(const ChatSettings *settings, const ChatMessage *messages,
                              size_t n_messages, ChatChanges changes);

/* Returns: the changes, and one more if the message of status 400 names a field which dagrun had
 * added by itself. */
ChatChanges dag__chat_request_change(const ChatSettings *settings, ChatChanges changes,
                                     const char *message);
