/* SPDX-License-Identifier: MIT */
/*
 * The tokens and the money that a question may use: estimated and reserved before it is sent.
 * Everything is for the I/O thread.
 */
#pragma once

#include "chat-config.h"
#include "transfers.h"

#include <dagrun/engine.h>

/* Called with DAG_RESERVED; DAG_RESERVED_LATER: withdraw the job; or DAG_RESERVED_NEVER with a reason,
 * which the callee owns. */
typedef void (*ChatTokensDone)(DagReserved result, char *reason, void *data);

/* The reservation of a job. */
typedef struct ChatTokens {
    DagJob *job;
    Transfers *transfers;
    const ChatConfig *config;
    ChatTokensDone done;
    void *data;
    DagReservation wanted;
    Wait *wait; /* or NULL: for the tokens of a further question */
} ChatTokens;

/* Return the tokens of output that a question may have: max-tokens, else the mean of the service's answers so
 * far, or DAG_DEFAULT_TOKENS. */
uint64_t chat_tokens_of_output(Transfers *transfers, const ChatConfig *config);

/* Note that the service has answered with so many tokens. */
void chat_tokens_answered(Transfers *transfers, const ChatConfig *config, uint64_t output);

/* Reserve for a question with `input` tokens, and call done(), now or when a further question of the attempt
 * may be sent. */
void chat_tokens_reserve(ChatTokens *tokens, uint64_t input, bool is_further,
                         ChatTokensDone done, void *data);

/* Wait no more. */
void chat_tokens_clear(ChatTokens *tokens);
