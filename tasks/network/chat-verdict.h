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
