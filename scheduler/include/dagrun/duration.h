/* SPDX-License-Identifier: MIT */
/*
 * Durations as text, and the clock that measures them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Return the time of the monotonic clock in nanoseconds.  Any thread; async-signal-safe. */
int64_t dag_clock_ns(void);

/*
 * Convert a duration such as "500ms", "1.5s", "5m" or "2h" (us, ms, s, m, h).
 * Returns: false with DAG_ERROR_INVALID if `text` is not one or does not fit.
 */
bool dag_duration_parse(const char *text, int64_t *ns_out, GError **error);

/*
 * Convert an age: "forever", which is INT64_MAX, or a duration above 0, also in days such as "7d".
 * Returns: false with DAG_ERROR_INVALID.
 */
bool dag_age_parse(const char *text, int64_t *ns_out, GError **error);

/* The size of a buffer for dag_duration_format(). */
#define DAG_DURATION_SIZE 40

/*
 * Format a duration of at least 0 with three significant digits and its unit: "0 s", "870 ns",
 * "12.3 ms", "4.56 s", "2 min 05 s", "1 h 02 min".
 * Returns: `buffer`.
 */
char *dag_duration_format(int64_t ns, char buffer[DAG_DURATION_SIZE]);

G_END_DECLS
