/* SPDX-License-Identifier: MIT */
/*
 * An attempt of a task that sends requests, as far as <http> and <chat> are alike: how it ends, waits and is
 * cancelled.  It is the first member of the kind's own struct.  Everything is for the I/O thread.
 */
#pragma once

#include "answer-cache.h"
#include "exchange.h"

#include <dagrun/engine.h>

typedef struct RequestAttempt RequestAttempt;
struct RequestAttempt {
    DagJob *job;
    const HttpConfig *config; /* borrowed */
    Request request;
    Exchange exchange;
    AnswerUse use; /* of the cache */
    /* Free the struct with the members that the kind has in it. */
    void (*free)(RequestAttempt *attempt);
};

/*
 * Attach the attempt, whose free() is set, to its job, and make its request.
 * Returns: false with DAG_ERROR_INVALID or DAG_ERROR_IO.
 */
bool attempt_begin(RequestAttempt *attempt, DagJob *job, const HttpConfig *config,
                   GError **error);

/* Return the context of the job. */
DagContext *attempt_context(const RequestAttempt *attempt);

/* Forget the request, for another attempt_begin(); its job goes on. */
void attempt_clear(RequestAttempt *attempt);

/* Free the attempt and end its job. */
void attempt_finish(RequestAttempt *attempt, DagOutcome outcome);

/* End it with a failure.  Takes the text of the verdict.  `is_sent`: the request may have had an effect. */
void attempt_fail(RequestAttempt *attempt, Verdict verdict, bool is_sent);

/* End it with the message of `error`. */
void attempt_fail_with(RequestAttempt *attempt, HttpFailure failure, const GError *error,
                       bool is_sent);

/* End it with an answer that was kept. */
void attempt_succeed_kept(RequestAttempt *attempt, const KeptAnswer *answer);

/* An ExchangeWithdraw of a RequestAttempt: free the attempt, and let its job wait. */
void attempt_withdraw(const char *pool, int64_t until_ns, void *attempt);

/* Return true if the attempt goes on at this cancel level: an answer under way is waited for during the grace, since
 * it may be paid for; unless the time limit of the task ends it. */
bool attempt_goes_on(const RequestAttempt *attempt, DagCancelLevel level);

/* Keep the answer in the cache, or say that there is no place.  Takes it. */
void attempt_keep(RequestAttempt *attempt, KeptAnswer *answer);
