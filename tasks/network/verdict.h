/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a transfer that has ended: success or the kind of failure, whether it may be tried again,
 * and the message about it.
 */
#pragma once

#include "request.h"

typedef struct Verdict {
    HttpFailure failure;
    bool may_retry;
    char *text; /* owned: the event, such as "status 404 Not Found: no such page" */
} Verdict;

/*
 * Return how long the server asks to wait before the request is sent again: with status 429, or with 503 or 529
 * and a time.  `n_waits` counts those before, after which a wait without a time doubles.  -1: it does not.
 */
int64_t verdict_wait_ns(const HttpConfig *config, const TransferEnd *end, unsigned n_waits);

/* Judge the end of a transfer. */
Verdict verdict_of(const HttpConfig *config, const TransferEnd *end);

/* Let the failure be that the server asks to wait for too long; no further attempt would be sooner. */
void verdict_set_throttled(Verdict *verdict, const HttpConfig *config, int64_t wait_ns);

/* Return a failure that no further attempt can mend.  Takes `text`. */
Verdict verdict_final(HttpFailure failure, char *text);

/* Return the message about a failure of the request, on one line; free with g_free().
 * `is_sent`: it may have had an effect. */
char *verdict_message(const Verdict *verdict, const HttpConfig *config,
                      const Request *request, bool is_sent);

/* Make the failure that of the attempt: its reason, and whether another may follow.  Takes verdict->text. */
void verdict_report(Verdict *verdict, const HttpConfig *config, const Request *request,
                    bool is_sent, DagContext *context);
