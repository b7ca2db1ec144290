/* SPDX-License-Identifier: MIT */
/*
 * What several reports work out from a run or a plan.
 */
#pragma once

#include <dagrun/run.h>

typedef struct PhaseMeasures {
    int64_t start_ns; /* -1: nothing in it started */
    int64_t end_ns;   /* -1 likewise */
    int64_t busy_ns;  /* sum of its tasks that occupy a worker */
    DagTaskId last;   /* the task that ended last, or DAG_TASK_NONE */
} PhaseMeasures;

/*
 * Sums of a run.  Times are nanoseconds.  The duration of a task is dag_run_busy_ns(), without
 * the pauses between its attempts; a task that never started has none.
 */
typedef struct Measures {
    PhaseMeasures *phases;    /* [n_phases] */
    size_t n_started;         /* tasks */
    size_t n_on_workers;      /* of them, those that occupied a worker */
    int64_t worker_ns;        /* sum of those */
    int64_t connection_ns;    /* sum of the tasks that occupied a connection */
    int64_t *pool_ns;         /* [n_pools]: lower bound by this pool */
    int64_t lower_bound_ns;   /* no schedule of these durations is shorter */
    DagBound bound;           /* its cause; durations are nanoseconds */
    int64_t critical_path_ns; /* the longest chain of measured durations */
    GArray *critical_path;    /* of DagTaskId, the first task first */
} Measures;

/* Returns: the sums of `run`; O(tasks + dependencies), without recursion. */
Measures *dag__measures_new(const DagRun *run);
void dag__measures_free(Measures *measures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Measures, dag__measures_free)

/* Return true if a task occupies a connection rather than a worker. */
bool dag__is_on_connection(const DagRun *run, DagTaskId id);

/* Returns: whether a task failed or timed out. */
bool dag__has_failed(const DagRun *run, DagTaskId id);

/* Returns: whether it did, and was allowed to. */
bool dag__is_allowed(const DagRun *run, DagTaskId id);

/* Returns: from start to end of a phase, or -1 if nothing in it started. */
int64_t dag__phase_span_ns(const PhaseMeasures *phase);

/* Returns: worker-nanoseconds without work between start and end of a phase; 0 if nothing in it
 * started.  Means something only where phases do not overlap. */
int64_t dag__phase_idle_ns(const DagRun *run, const PhaseMeasures *phase);

/* The few largest of many, kept in the order in which they were offered. */
#define LARGEST_MAX 20

typedef struct Largest {
    size_t capacity; /* at most LARGEST_MAX */
    size_t n;
    uint32_t items[LARGEST_MAX];
    int64_t values[LARGEST_MAX];
} Largest;

/* Takes `item` if it is among the largest so far; of equal ones, the earlier ones stay. */
void dag__largest_offer(Largest *largest, uint32_t item, int64_t value);

/* Orders by value, the largest first; of equal ones, the earlier one first. */
void dag__largest_sort(Largest *largest);

/* Returns: for each task its place on the plan's critical path, from 1, or 0; [n_tasks], free
 * with g_free(). */
uint32_t *dag__critical_places(const DagPlan *plan);

/* Returns: whether the dependency from `pred` to `succ` is a step of the critical path. */
bool dag__is_critical_step(const uint32_t *places, DagTaskId pred, DagTaskId succ);
