/* SPDX-License-Identifier: MIT */
/*
 * Scheduling on workers that are not alike (R | prec, c | Cmax), for the machine that a graph declares: its
 * costs as a table, the upward and downward ranks of Topcuoglu, Hariri and Wu (2002), and a schedule that
 * grows task by task.
 */
#pragma once

#include <dagrun/placement.h>
#include <dagrun/strategy.h>

/* The part of a worker's time that a task takes. */
typedef struct Busy {
    double start, end;
} Busy;

typedef struct Unlike {
    const DagGraph *graph;
    uint32_t n_tasks, n_workers;
    double *cost;                   /* [n_tasks][n_workers], seconds */
    double *mean;                   /* [n_tasks]: of the costs */
    double mean_latency, mean_pace; /* of links: seconds, and seconds per amount of data */
    GArray **busy;                  /* [n_workers], of Busy, sorted */
    DagPlaced *tasks;               /* [n_tasks]; owned until it is taken */
    double makespan;                /* of the tasks placed so far */
} Unlike;

/* Begin without any task placed.  The plan's graph declares a machine.  Free with unlike_clear(). */
void unlike_init(Unlike *it, const DagPlan *plan);
void unlike_clear(Unlike *it);

/* Return the seconds that the data of predecessor number `i` of the task take on average over the links. */
double unlike_mean_transfer(const Unlike *it, DagTaskId id, size_t i);

/* Fill in, for each task, the mean seconds from its start to the end of the run along the costliest chain
 * (rank_u), and from the start of the run to its start (rank_d). */
void unlike_ranks(const Unlike *it, double *upward_out, double *downward_out);

/* Return when the task would end on the worker, in the first gap in which it fits.  Its predecessors are
 * placed. */
double unlike_earliest_end(const Unlike *it, DagTaskId id, uint32_t worker);

/* Place the task there. */
void unlike_place(Unlike *it, DagTaskId id, uint32_t worker);

/* Place the task on the worker on which it ends first. */
void unlike_place_best(Unlike *it, DagTaskId id);

/* Give the finished schedule away, with a lower bound. */
void unlike_take(Unlike *it, DagPlacement *placement_out);

/*
 * Search for a shorter schedule than that of `placement`, and replace it; or prove that there is none.
 * Ends after a number of steps, not after a time, so it finds the same every time.
 */
void unlike_search(const Unlike *it, DagPlacement *placement);

/* Return a lower bound of the makespan on this machine, seconds. */
double unlike_bound(const Unlike *it);

/* The same as functions of a strategy (DagStrategy.place). */
void dag__place_heft(const DagPlan *plan, DagPlacement *placement_out);
void dag__place_cpop(const DagPlan *plan, DagPlacement *placement_out);
void dag__place_optimal(const DagPlan *plan, DagPlacement *placement_out);
