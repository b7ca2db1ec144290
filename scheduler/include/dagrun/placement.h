/* SPDX-License-Identifier: MIT */
/*
 * Schedules on the machine that a graph declares, whose workers are not alike and send each other data
 * (the model of Topcuoglu, Hariri & Wu, 2002).  Plans and comparisons use it; the workers of a run on
 * this computer are alike.
 */
#pragma once

#include <dagrun/plan.h>

G_BEGIN_DECLS

/* Return the expected duration of `id` on a worker of the machine in seconds.  If the cost of the
 * plan is not the declared one, declared costs on workers change by the same factor. */
double dag_plan_worker_cost(const DagPlan *plan, DagTaskId id, uint32_t worker);

/* Where and when a task runs; seconds. */
typedef struct DagPlaced {
    uint32_t worker;
    double start;
    double end;
} DagPlaced;

/* A schedule on the workers of the machine. */
typedef struct DagPlacement {
    DagPlaced *tasks;   /* [n_tasks], by id */
    double makespan;    /* seconds, as the next */
    double lower_bound; /* no schedule on this machine is shorter */
    bool is_optimal;    /* the makespan is proven to be the shortest */
} DagPlacement;

/* Free the array of the placement, not the struct. */
void dag_placement_clear(DagPlacement *placement);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DagPlacement, dag_placement_clear)

/*
 * Return whether the placement keeps all rules: each task takes its cost on its worker, no two tasks
 * are on a worker at once, and no task starts before its data have arrived.  Times may differ by rounding.
 * O(tasks log tasks + dependencies).
 */
bool dag_placement_is_valid(const DagPlacement *placement, const DagPlan *plan);

G_END_DECLS
