/* SPDX-License-Identifier: MIT */
/*
 * The causes of lower bounds, and the limits of pools, in words.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/run.h>

/* Return the word for JSON, such as "critical-path", "pool NAME" or "rate NAME"; free with g_free(). */
char *dag__bound_word(const DagGraph *graph, const DagBound *bound);

/* Return the word for JSON and CSV: "optimal", "budget" or "fallback". */
const char *dag__search_word(const DagSearch *search);

/* Return the cause as the end of "no schedule is shorter than …"; free with g_free(). */
char *dag__bound_cause(const DagGraph *graph, const DagBound *bound);

/* Return the largest lower bound for a run of the plan with so many workers, which are alike. */
DagBound dag__bound_for(const DagPlan *plan, unsigned n_workers);

/* Return the rate and the tokens of a pool as they are written in a graph, with its burst: "60/m, burst 1,
 * 30000 tokens/m"; NULL: it has neither.  Free with g_free(). */
char *dag__rate_text(const DagPool *pool);
