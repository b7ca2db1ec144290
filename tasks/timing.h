/* SPDX-License-Identifier: MIT */
/*
 * The configuration that <sleep> and <spin> share: a duration.
 */
#pragma once

#include <dagrun/kind.h>

/* The one attribute, `duration`. */
extern const DagAttribute dag__timing_attributes[1];

/* Return a configuration that holds the duration, and suggest it as the cost. */
void *dag__timing_configure(DagElement *element, GError **error);

/* Return the duration in nanoseconds. */
int64_t dag__timing_ns(const void *config);

/* A DagKind.identify: the duration. */
bool dag__timing_identify(DagContext *context, const void *config, DagKey *key,
                          GError **error);

/* Append the duration. */
void dag__timing_describe(const void *config, GString *out);
