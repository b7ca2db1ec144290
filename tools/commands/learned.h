/* SPDX-License-Identifier: MIT */
/*
 * Durations of earlier runs: as costs of a plan, and as the measure of a run (--fail-if-slower).
 */
#pragma once

#include "commands/options.h"

/* Fill costs[n_tasks], of which unknown ones are -1, with what earlier runs took, unless --costs declared or --no-store is
 * given.  Sets options->n_learned.  A store that cannot be read teaches nothing. */
void learned_fill(GraphOptions *options, const DagGraph *graph, double *costs);

/* Return a plan with the costs of the runs before number `before`, or NULL if there are none; free it with
 * dag_plan_free(). */
DagPlan *learned_plan(GraphOptions *options, const DagGraph *graph, int64_t before);

/* Say on standard error how many costs were learned, if any were. */
void learned_tell(const GraphOptions *options, const DagGraph *graph);

/* Read the value of --fail-if-slower, such as "10%"; NULL: leave *share_out.  Returns: false after an error message. */
bool learned_read_share(const char *text, double *share_out);

/* Return true after a sentence if run number `number` took longer than recent ones by more than `share` and their scatter. */
bool learned_is_slower(GraphOptions *options, const DagRun *run, int64_t number,
                       double share);
