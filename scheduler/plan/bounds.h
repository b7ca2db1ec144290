/* SPDX-License-Identifier: MIT */
/*
 * The work that a run asks of each capacity, and the lower bound that follows from it.
 *
 * A capacity of c units that has to do w units x seconds of work is busy for at least w / c
 * seconds under every schedule (Graham, 1966).  Workers, connections and pools are such
 * capacities.  The bound of a run is the largest of these and of its longest chain.
 */
#pragma once

#include <dagrun/plan.h>

/* Work by capacity: durations, multiplied by the slots taken where it is a pool. */
typedef struct Work {
    double workers;
    double connections;
    double *pools; /* [n_pools], owned */
} Work;

/* Start with no work, for the pools of `graph`.  Free with dag__work_clear(). */
void dag__work_init(Work *work, const DagGraph *graph);
void dag__work_clear(Work *work);

/* Add a task that takes `duration`; nothing if that is negative. */
void dag__work_add(Work *work, const DagGraph *graph, DagTaskId id, double duration);

/* Return the time that a pool needs for its share of the work. */
double dag__work_of_pool(const Work *work, const DagGraph *graph, uint32_t pool);

/* Return the largest of `chain`, the duration of the longest chain, and the times that the
 * capacities need; of equal ones the first in the order of DagBoundCause. */
DagBound dag__work_bound(const Work *work, const DagGraph *graph, const DagMachine *machine,
                         double chain);
