/* SPDX-License-Identifier: MIT */
/*
 * The verdict on the answer of a chat service: whether it is one, and if not, whether another attempt may help.
 */
#pragma once

#include "chat-answer.h"
#include "chat-config.h"
#include "verdict.h"

/* Judge an answer, apart from the demands of the task. */
Verdict chat_verdict(const ChatConfig *config, const ChatAnswer *answer);

/* Return true if the service may have worked on the request and its answer did not arrive; `end` may be NULL. */
bool chat_is_lost(const TransferEnd *end, const Verdict *verdict);

/* Judge a question with `input` tokens before it is sent: it fails if it does not fit into the model's window. */
Verdict chat_verdict_of_size(const ChatConfig *config, uint64_t input);
