/* SPDX-License-Identifier: MIT */
/*
 * Figures that several reports derive from a run or a plan.
 */
#pragma once

#include <dagrun/run.h>

typedef struct PhaseMeasures {
    int64_t start_ns; /* -1: no task started */
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
    int64_t *rate_ns;         /* [n_pools]: by its rate alone */
    int64_t lower_bound_ns;   /* no schedule of these durations is shorter */
    DagBound bound;           /* its cause; its duration is nanoseconds */
    int64_t critical_path_ns; /* the longest chain of measured durations */
    GArray *critical_path;    /* of DagTaskId, the first task first */
} Measures;

/* Measure a run.  O(tasks + dependencies), without recursion. */
Measures *dag__measures_new(const DagRun *run);
void dag__measures_free(Measures *measures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Measures, dag__measures_free)

/* Return true if every task took its time without interruption: no one had several attempts. */
bool dag__is_without_pauses(const DagRun *run);

/* Return true if a task occupies a connection rather than a worker. */
bool dag__is_on_connection(const DagRun *run, DagTaskId id);

/* Return true if a task failed or timed out. */
bool dag__has_failed(const DagRun *run, DagTaskId id);

/* Return true if a task failed or timed out and declares allow-failure. */
bool dag__is_allowed(const DagRun *run, DagTaskId id);

/* Return the time from start to end of a phase; -1 if none of its tasks started. */
int64_t dag__phase_span_ns(const PhaseMeasures *phase);

/* Return the idle time of all workers between start and end of a phase; 0 if none of its tasks
 * started.  Meaningful only with a barrier, where phases do not overlap. */
int64_t dag__phase_idle_ns(const DagRun *run, const PhaseMeasures *phase);

/* The few largest of many items, in the order in which they were offered. */
#define LARGEST_MAX 20

typedef struct Largest {
    size_t capacity; /* at most LARGEST_MAX */
    size_t n;
    uint32_t items[LARGEST_MAX];
    int64_t values[LARGEST_MAX];
} Largest;

/* Add `item` if it is among the largest so far; of equal items the earlier ones stay. */
void dag__largest_offer(Largest *largest, uint32_t item, int64_t value);

/* Sort by value, largest first; of equal items the earlier one goes first. */
void dag__largest_sort(Largest *largest);

/* Return the position of each task on the plan's critical path, from 1; 0 if it is not on it.
 * [n_tasks], free with g_free(). */
uint32_t *dag__critical_positions(const DagPlan *plan);

/* Return true if the dependency of `succ` on `pred` is a step of the critical path. */
bool dag__is_critical_step(const uint32_t *positions, DagTaskId pred, DagTaskId succ);
