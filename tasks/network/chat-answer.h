/* SPDX-License-Identifier: MIT */
/*
 * The answer of a chat service, whole or in pieces: an object with "choices", "usage", "model" or
 * "error".  Services leave out much of that, and send it early, late or twice.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tokens, as the server has counted them. */
typedef struct ChatUsage {
    uint64_t input, cached;     /* cached: part of input */
    uint64_t output, reasoning; /* reasoning: part of output */
    bool is_known;
} ChatUsage;

/* How an answer ends. */
typedef enum ChatEnd {
    CHAT_COMPLETE,
    CHAT_CUT,        /* neither a finish reason nor [DONE] came */
    CHAT_LENGTH,     /* at the limit of tokens */
    CHAT_FILTERED,   /* the service withheld it */
    CHAT_REFUSED,    /* the model refused */
    CHAT_EMPTY,      /* no text */
    CHAT_TOOL_CALLS, /* the model wants to call functions */
    CHAT_ERROR,      /* the service reports an error */
    CHAT_MALFORMED,  /* not an answer in JSON */
} ChatEnd;

/* The parts of an answer that have arrived. */
typedef struct ChatAnswer {
    GString *text;
    GString *refusal;
    char *finish_reason; /* or NULL */
    char *model;         /* that answered; or NULL */
    char *problem;       /* the message of CHAT_ERROR and CHAT_MALFORMED; or NULL */
    char *problem_code;  /* "code" or "type" of the service's error; or NULL */
    ChatUsage usage;
    bool is_malformed;
    bool is_done; /* [DONE] came, or the whole answer */
    bool has_tool_calls;
} ChatAnswer;

/* Prepare an answer, to be cleared with dag__chat_answer_clear(). */
void dag__chat_answer_init(ChatAnswer *answer);
void dag__chat_answer_clear(ChatAnswer *answer);

/* Add a piece, the data of one event: JSON, or [DONE].
 * Returns: whether more may follow. */
bool dag__chat_answer_add_piece(ChatAnswer *answer, const char *data, size_t size);

/* Read a whole answer. */
void dag__chat_answer_read(ChatAnswer *answer, const char *body, size_t size);

/* Read a stream of events, or the part of it that came.  Returns: false if an event is larger than 1 MiB. */
bool dag__chat_answer_read_stream(ChatAnswer *answer, const char *body, size_t size);

/* Returns: how the answer ends, if nothing more arrives. */
ChatEnd dag__chat_answer_end(const ChatAnswer *answer);
