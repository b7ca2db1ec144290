/* SPDX-License-Identifier: MIT */
/*
 * Estimates the remaining time of a run.  Pure functions.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/strategy.h>

typedef enum EstimateState {
    ESTIMATE_WAITING,
    ESTIMATE_RUNNING,   /* `seconds`: since its start */
    ESTIMATE_SUCCEEDED, /* `seconds`: its duration; it has ended, as all below */
    ESTIMATE_REUSED,    /* did not run, so it tells nothing of durations */
    ESTIMATE_UNUSABLE,  /* ended without success; its duration has no meaning */
} EstimateState;

typedef struct EstimateTask {
    EstimateState state;
    double seconds;
} EstimateTask;

typedef struct Estimate {
    const DagPlan *plan;
    const EstimateTask *tasks; /* [n_tasks] */
    DagMachine machine;
    const DagStrategy *strategy;
    uint64_t seed; /* of the run */
} Estimate;

/* Larger graphs are not simulated, which takes up to 1 µs a task: an estimate must not stop the
 * display. */
#define ESTIMATE_MAX_SIMULATED 100000

/*
 * Estimate the remaining seconds: the rest of the run is simulated from where it stands.
 * O(tasks + dependencies), and as the strategy.
 * Returns: the seconds, or a negative number if no estimate is reliable.
 */
double estimate_seconds_left(const Estimate *estimate);

/* Append "about 20 s", with one or two significant digits.  Append nothing below one second. */
void estimate_append(double seconds, GString *out);
