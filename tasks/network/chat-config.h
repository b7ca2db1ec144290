/* SPDX-License-Identifier: MIT */
/*
 * The declaration <chat>, as it is written.
 */
#pragma once

#include "chat-request.h"
#include "http-config.h"
#include "result-config.h"

/* Where the text of a message comes from: one of these. */
typedef struct ChatPart {
    const char *role;
    const DagTemplate *text; /* also that of a file with a name that is written out */
    /* The name of a file, which is data: its references mean nothing. */
    const DagTemplate *file;
    const char *task; /* of <context>: `text` is the output of this task */
} ChatPart;

typedef struct ChatConfig ChatConfig;
struct ChatConfig {
    HttpConfig http; /* the request without its body */
    const DagTemplate *model;
    double temperature, top_p, seed; /* NAN: not sent */
    int64_t max_tokens;              /* 0: not sent */
    bool wants_stream;
    const ChatPart *parts; /* [n_parts] */
    size_t n_parts;
    const char *extra; /* a JSON object merged into the request, or NULL */
    ResultConfig result;
    const char *variant; /* distinguishes answers in the cache, or NULL */
    /* The same question to the service that is asked if this one fails, or NULL. */
    const ChatConfig *fallback;
    bool is_fallback; /* the task names another service first */
};

/* The attributes and elements of <chat>, in tables for its kind. */
#define CHAT_N_ATTRIBUTES 12
#define CHAT_N_CHILDREN   6
extern const DagAttribute chat_attributes[CHAT_N_ATTRIBUTES];
extern const DagElementType chat_children[CHAT_N_CHILDREN];

/* A DagKind.configure. */
void *chat_configure(DagElement *element, GError **error);
