/* SPDX-License-Identifier: MIT */
/*
 * The causes of lower bounds, in words.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/run.h>

/* Return the word for JSON, such as "critical-path" or "pool NAME"; free with g_free(). */
char *dag__bound_word(const DagGraph *graph, const DagBound *bound);

/* Return the word for JSON and CSV: "optimal", "budget" or "fallback". */
const char *dag__search_word(const DagSearch *search);

/* Return the cause as the end of "no schedule is shorter than …"; free with g_free(). */
char *dag__bound_cause(const DagGraph *graph, const DagBound *bound);
