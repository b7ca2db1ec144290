/* SPDX-License-Identifier: MIT */
/*
 * What <sleep> and <spin> share: a duration, read, described and measured in the same way.
 */
#pragma once

#include <dagrun/kind.h>

/* The one attribute, `duration`. */
extern const DagAttribute dag__timing_attributes[1];

/* Returns: a configuration that holds the duration; suggests it as the cost. */
void *dag__timing_configure(DagElement *element, GError **error);

/* Returns: nanoseconds. */
int64_t dag__timing_ns(const void *config);

/* Appends the duration. */
void dag__timing_describe(const void *config, GString *out);
