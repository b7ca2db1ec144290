/* SPDX-License-Identifier: MIT */
/*
 * A question to a language model: its messages and settings, made of the declarations once the outputs that
 * they name are known.
 */
#pragma once

#include "chat-config.h"
#include "request.h"

typedef struct ChatQuestion {
    ChatSettings settings;
    char *model;
    GArray *messages; /* of ChatMessage; their texts are owned */
    guint n_asked;    /* messages before those of a repair */
    int n_repairs;    /* of answers to this question */
    uint64_t n_input; /* tokens, estimated */
} ChatQuestion;

/*
 * Make the question of a task.  Files are relative to the directory of the request.
 * Returns: false with an error; then it must be cleared, too.
 */
bool chat_question_init(ChatQuestion *question, const ChatConfig *config,
                        const Request *request, const DagContext *context, GError **error);

void chat_question_clear(ChatQuestion *question);

/* Let it ask again, with the last answer and its faults, instead of an earlier repair. */
void chat_question_repair(ChatQuestion *question, const char *answer, const char *problems);

/* Return the body of its request; free with free(). */
char *chat_question_write(const ChatQuestion *question, ChatChanges changes);
