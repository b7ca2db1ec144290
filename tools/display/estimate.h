/* SPDX-License-Identifier: MIT */
/*
 * How long the rest of a run will take, where that can be known.  Pure functions.
 */
#pragma once

#include <dagrun/plan.h>

/* What has become of a task so far. */
typedef enum EstimateState {
    ESTIMATE_WAITS,
    ESTIMATE_RUNS, /* for so many seconds */
    ESTIMATE_RAN,  /* for so many seconds, and succeeded */
    ESTIMATE_OUT,  /* did not succeed, which tells nothing about durations */
} EstimateState;

typedef struct EstimateTask {
    EstimateState state;
    double seconds;
} EstimateTask;

typedef struct Estimate {
    const DagPlan *plan;
    const EstimateTask *tasks; /* [n_tasks] */
    unsigned n_workers;
    bool has_barrier; /* a phase begins only when the one before has ended */
} Estimate;

/*
 * Returns: the seconds that the rest is expected to take, with all workers busy where there is
 *   work; below 0 where any number would be a guess.  Takes O(tasks + dependencies).
 */
double estimate_seconds_left(const Estimate *estimate);

/* Appends "about 20 s": one or two digits.  Nothing for less than a second. */
void estimate_append(double seconds, GString *out);
