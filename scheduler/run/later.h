/* SPDX-License-Identifier: MIT */
/*
 * Times in nanoseconds that do not overflow: a time too late to be expressed is INT64_MAX, never.
 */
#pragma once

#include <stdint.h>

/* Return the time `ns` after `time_ns`; both are at least 0. */
static inline int64_t
dag__later(int64_t time_ns, int64_t ns)
{
    return ns < INT64_MAX - time_ns ? time_ns + ns : INT64_MAX;
}
