/* SPDX-License-Identifier: MIT */
/*
 * The work that a run asks of each capacity, and the lower bound that follows from it.
 *
 * A capacity of c units that has to do w units x seconds of work is busy for at least w / c
 * seconds under every schedule (Graham, 1966).  Workers, connections and pools are such
 * capacities.  If a rate allows r starts a second and b at once, the last of n tasks starts (n - b) / r
 * after the first one, at least; the same holds for tokens.  The bound of a run is the largest of these and of its longest chain.
 */
#pragma once

#include <dagrun/plan.h>

/* The work that a pool has to do. */
typedef struct PoolWork {
    double slots;               /* durations, multiplied by the slots taken */
    double shortest;            /* duration of a task */
    double tokens, most_tokens; /* of all tasks, and of one; if the pool limits them */
    size_t n_tasks;
} PoolWork;

/* Work by capacity. */
typedef struct Work {
    double second;    /* in the unit of the durations */
    bool is_measured; /* the tasks have run: their own counts of tokens replace estimates */
    double workers;
    double connections;
    PoolWork *pools; /* [n_pools], owned */
} Work;

/* The units of durations; see Work.second. */
#define IN_SECONDS     1.0
#define IN_NANOSECONDS 1e9

/* Start with no work, for the pools of `graph`.  Free with dag__work_clear(). */
void dag__work_init(Work *work, const DagGraph *graph, double second);
void dag__work_clear(Work *work);

/* Add a task that takes `duration`; nothing if that is negative. */
void dag__work_add(Work *work, const DagGraph *graph, DagTaskId id, double duration);

/* Return the time that the slots of a pool need for their share of the work. */
double dag__work_of_slots(const Work *work, const DagGraph *graph, uint32_t pool);

/* Return the time that a pool needs, at its rate, for the starts of its tasks and for the last of them; or the same for their
 * tokens, if that is more. */
double dag__work_of_rate(const Work *work, const DagGraph *graph, uint32_t pool);

/* Return the larger one. */
double dag__work_of_pool(const Work *work, const DagGraph *graph, uint32_t pool);

/* As dag_plan_bound(), for durations in any unit. */
DagBound dag__plan_bound(const DagPlan *plan, const DagMachine *machine,
                         const double *durations, double second);

/* Return the largest of `chain`, the duration of the longest chain, and the times that the
 * capacities need; of equal ones the first in the order of DagBoundCause. */
DagBound dag__work_bound(const Work *work, const DagGraph *graph, const DagMachine *machine,
                         double chain);
