/* SPDX-License-Identifier: MIT */
/*
 * Durations as people write and read them, and the clock that measures them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Returns: now, in nanoseconds of the one monotonic clock.  Any thread; async-signal-safe. */
int64_t dag_clock_ns(void);

/*
 * Reads a duration such as "500ms", "1.5s", "5m" or "2h" (us, ms, s, m, h).
 * Returns: false with DAG_ERROR_INVALID if `text` is not one or does not fit.
 */
bool dag_duration_parse(const char *text, int64_t *ns_out, GError **error);

/* What a duration takes as text at most, with its NUL. */
#define DAG_DURATION_SIZE 40

/*
 * Writes a duration of at least 0 in three significant digits, with its unit: "0 s", "870 ns",
 * "12.3 ms", "4.56 s", "2 min 05 s", "1 h 02 min".
 * Returns: `buffer`.
 */
char *dag_duration_format(int64_t ns, char buffer[DAG_DURATION_SIZE]);

G_END_DECLS
