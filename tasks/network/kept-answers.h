/* SPDX-License-Identifier: MIT */
/*
 * Answers that are kept in files of the user's cache directory, $XDG_CACHE_HOME/dagrun/answers or
 * ~/.cache/dagrun/answers.  A file has the name of its key.  Its first line is the SHA-256 of the rest, the
 * second one an object of JSON about the answer; the text follows.  A file that was altered counts for nothing.
 */
#pragma once

#include "chat-answer.h"

/* An answer that fits the demands of its task. */
typedef struct KeptAnswer {
    GString *text;       /* the output */
    int64_t duration_ns; /* of the request, and of the repairs of its answer */
    char *model;         /* that answered; or NULL */
    ChatUsage usage;
} KeptAnswer;

void kept_answer_free(KeptAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeptAnswer, kept_answer_free)

/* Return the directory, which is made if it is missing; free with g_free().  NULL with DAG_ERROR_IO. */
char *kept_answers_directory(GError **error);

/* Return a random text that stays the same in this directory; free with g_free().  NULL with DAG_ERROR_IO. */
char *kept_answers_salt(const char *directory, GError **error);

/* Return the answer with this key if it is at most `age_ns` old; NULL: there is none.  INT64_MAX: of any age. */
KeptAnswer *kept_answers_read(const char *directory, const char *key, int64_t age_ns);

/* Keep the answer.  Returns: false with DAG_ERROR_IO. */
bool kept_answers_write(const char *directory, const char *key, const KeptAnswer *answer,
                        GError **error);
