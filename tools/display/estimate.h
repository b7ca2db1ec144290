/* SPDX-License-Identifier: MIT */
/*
 * Estimates the remaining time of a run.  Pure functions.
 */
#pragma once

#include <dagrun/plan.h>

typedef enum EstimateState {
    ESTIMATE_WAITING,
    ESTIMATE_RUNNING,   /* `seconds`: since its start */
    ESTIMATE_SUCCEEDED, /* `seconds`: its duration */
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
    bool has_barrier; /* a phase starts only after the previous one has ended */
} Estimate;

/*
 * Estimate the remaining seconds.  Assumes that no worker idles while a task is ready.
 * O(tasks + dependencies).
 * Returns: the seconds, or a negative number if no estimate is reliable.
 */
double estimate_seconds_left(const Estimate *estimate);

/* Append "about 20 s", with one or two significant digits.  Append nothing below one second. */
void estimate_append(double seconds, GString *out);
