/* SPDX-License-Identifier: MIT */
/*
 * The cache of answers during a run.  A request whose answer is kept is not sent.  Of identical requests at
 * the same time one is sent, and the others wait for its answer; if it gets none, the next one is sent.
 * Everything is for the I/O thread.
 */
#pragma once

#include "kept-answers.h"
#include "request.h"

/* Called with the answer, which is valid during the call; or with NULL: the request is to be sent. */
typedef void (*AnswerFound)(const KeptAnswer *answer, void *data);

typedef struct AnswerFlight AnswerFlight; /* a request that others wait for */

/* The use of the cache by one attempt. */
typedef struct AnswerUse {
    Transfers *transfers;
    AnswerFound done;
    void *data;

    AnswerFlight *flight; /* or NULL */
    int64_t begun_ns;
    Wait *wait;        /* or NULL: the result is there, and is told soon */
    KeptAnswer *found; /* or NULL */
} AnswerUse;

/* Return a cache, or free it. */
AnswerCache *answer_cache_new(void);
void answer_cache_free(AnswerCache *cache);

/*
 * Return the salt of keys, which the cache owns.
 * Returns: NULL with DAG_ERROR_IO: there is no place for answers.
 */
const char *answer_cache_salt(AnswerCache *cache, GError **error);

/*
 * Look for the answer with this key, of at most `age_ns`.  answer_cache_salt() must have succeeded.  The first
 * fields of the use are set, and the others are zero.  use->done() is called once, at once or later.  If the request is to be sent, answer_use_keep() or answer_use_clear() follows.
 */
void answer_use_begin(AnswerUse *use, const char *key, int64_t age_ns);

/* Keep the answer, and give it to the others; its duration is set.  Takes `answer`.  Does nothing if nothing was
 * begun.  Returns: false with DAG_ERROR_IO if it could not be written; the others have it even so. */
bool answer_use_keep(AnswerUse *use, KeptAnswer *answer, GError **error);

/*
 * Return the salt of keys for an answer that may be `age_ns` old.  NULL: it is not looked for, since its task wants
 * none (0), requests are recorded or replayed, or there is no place, as the transcript of the task then says.
 */
const char *answer_use_salt(Transfers *transfers, int64_t age_ns, DagContext *context);

/* Say in the transcript of the task that there is no place for answers. */
void answer_use_warn(DagContext *context, const GError *error);

/* End the use, if one was begun. */
void answer_use_clear(AnswerUse *use);
