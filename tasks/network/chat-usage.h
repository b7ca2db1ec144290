/* SPDX-License-Identifier: MIT */
/*
 * The tokens and the cost of questions to a model: as the server has counted them, or estimated.
 */
#pragma once

#include "chat-answer.h"
#include "chat-request.h"
#include "http-config.h"

#include <dagrun/traffic.h>

/* Return the estimated tokens of a text of `size` bytes: one for each four. */
uint64_t chat_estimate_text(size_t size);

/* Return the estimated tokens of a message with a text of `size` bytes: four beside those of the text. */
uint64_t chat_estimate_message(size_t size);

/* Return the estimated tokens of messages. */
uint64_t chat_estimate_messages(const ChatMessage *messages, size_t n);

/* Return what the tokens cost at the service's prices per million, in their currency. */
double chat_cost(const HttpService *service, const DagUsage *usage);

/* Set the usage of an answer, which may be a part of one: that of the server, or estimated of the tokens of
 * the question and the text so far.  The texts are borrowed from the answer. */
void chat_usage_of(const HttpService *service, const ChatAnswer *answer, uint64_t input,
                   DagUsage *usage_out);

/* Add the numbers of a usage to a sum. */
void chat_usage_sum(ChatUsage *sum, const ChatUsage *usage);
