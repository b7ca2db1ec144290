/* SPDX-License-Identifier: MIT */
/*
 * A request that a recording does not have, compared with those that it has.
 */
#pragma once

#include "recorded-exchange.h"

/*
 * Return the first difference to the nearest request in `exchanges` (of RecordedExchange), as the rest of a
 * sentence; free with g_free().  Nearest is the one with the same method and URL that is alike for longest;
 * without such a one, the URL that is.
 */
char *recording_difference(const GPtrArray *exchanges, const RecordedRequest *wanted);
