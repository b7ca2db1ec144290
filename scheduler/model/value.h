/* SPDX-License-Identifier: MIT */
/*
 * The values that declarations hold as text, converted to their types.  Each function returns
 * NULL, or the problem with `text`: a sentence that begins with the text in quotes; free it with
 * g_free().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Convert "true", "1", "false" or "0". */
char *dag__parse_boolean(const char *text, bool *out);

/* Convert a duration; see dag_duration_parse(). */
char *dag__parse_duration(const char *text, int64_t *ns_out);

/* Convert an age; see dag_age_parse(). */
char *dag__parse_age(const char *text, int64_t *ns_out);

/* Convert a number of bytes with an optional unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB. */
char *dag__parse_size(const char *text, int64_t *bytes_out);

/* Convert an integer with an optional sign. */
char *dag__parse_integer(const char *text, int64_t min, int64_t max, int64_t *out);

/* Convert digits without a sign. */
char *dag__parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* Convert a decimal number (xs:decimal) from `min` to `max`; both 0: any. */
char *dag__parse_number(const char *text, double min, double max, double *out);

/* Return true if `text` is digits with at most one point and a sign (xs:decimal). */
bool dag__is_decimal(const char *text);
