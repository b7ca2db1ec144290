/* SPDX-License-Identifier: MIT */
/*
 * How long a server asks its clients to wait.
 */
#pragma once

#include "transfers.h"

/*
 * Return the nanoseconds that an answer asks to wait: by its header Retry-After-Ms, or by Retry-After, in
 * seconds or as a date, which counts from the answer's own Date.  0 for a time that has passed; -1: none, or
 * none that can be understood.  INT64_MAX for longer than can be expressed.
 */
int64_t retry_after_ns(const TransferEnd *end);

/* Return the number in the header X-RateLimit-Remaining-`limit`; UINT32_MAX: none. */
uint32_t rate_limit_remaining(const TransferEnd *end, const char *limit);
