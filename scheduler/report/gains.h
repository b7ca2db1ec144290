/* SPDX-License-Identifier: MIT */
/*
 * The gains from speeding up a task of the critical path: for unlimited workers from the plan, and for the
 * workers of a run by simulation.
 */
#pragma once

#include <dagrun/explain.h>
#include <dagrun/report.h>

/* The gains of one task, in seconds; a simulated one is negative if the run takes longer. */
typedef struct Gain {
    /* The critical path gets shorter by this if the task takes half its time. */
    double path_half;
    double path_none; /* if it takes no time */
    bool is_simulated;
    double run_half; /* the same for the simulated makespan */
    double run_none;
} Gain;

typedef struct Gains {
    Gain *of; /* [tasks of the critical path] */
    size_t n;
    size_t n_simulated;     /* tasks with simulated gains: the costliest ones */
    double makespan;        /* of the simulated run, seconds */
    unsigned n_workers;     /* of it */
    unsigned n_connections; /* of it; 0: the default */
    const DagStrategy *strategy;
    DagReplay *replay; /* or NULL; borrowed */
} Gains;

/* Find the gains.  The number of simulations is limited by the number of tasks, so that they take
 * about a second. */
Gains *dag__gains_new(const DagPlan *plan, const DagExplanation *explanation,
                      const DagExplainOptions *options);
void dag__gains_free(Gains *gains);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gains, dag__gains_free)
