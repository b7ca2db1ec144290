/* SPDX-License-Identifier: MIT */
/*
 * Pieces of the reports of runs in a store.
 */
#pragma once

#include <dagrun/store.h>

/* Return a local time as ISO 8601 with microseconds and the offset from UTC, or for people; free it with g_free(). */
char *dag__history_timestamp(int64_t started_us);
char *dag__history_time(int64_t started_us);
