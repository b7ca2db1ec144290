/* SPDX-License-Identifier: MIT */
/*
 * The tokens of an answer that is still arriving, for the live display.  The answer itself is read when it has
 * ended; this reads the stream a second time, so it is only used if observers follow the task.
 */
#pragma once

#include "chat-answer.h"
#include "event-stream.h"

/* The part of an answer that has arrived.  All zero: none. */
typedef struct ChatProgress {
    bool is_begun;
    EventStream stream;
    ChatAnswer answer;
} ChatProgress;

/* Forget the answer. */
void chat_progress_clear(ChatProgress *progress);

/* Read the next bytes of a stream of events.
 * Returns: the tokens of the answer so far, as the server counts them or estimated; 0 if it is no such stream. */
uint64_t chat_progress_add(ChatProgress *progress, const char *bytes, size_t size);
