/* SPDX-License-Identifier: MIT */
/*
 * The attributes of a task that hold for every kind: limits, retries, failures.
 */
#pragma once

#include "load/attributes.h"

#include <dagrun/policy.h>

/* Returns: what a checked boolean says; NULL says false. */
bool dag__boolean_of(const char *text);

/* Converts what has been checked; what is absent becomes zero. */
void dag__policy_read(const Values *values, DagPolicy *policy_out);
