/* SPDX-License-Identifier: MIT */
/*
 * The numbers of running and waiting tasks, and the use of pools, over the time of a run.
 */
#pragma once

#include <dagrun/run.h>

/* A number that changes during a run. */
typedef enum Counted {
    COUNTED_RUNNING, /* attempts under way */
    COUNTED_WAITING, /* tasks that have not started, although all that they need has ended */
    COUNTED_POOLS,   /* slots of the first pool in use; the other pools follow */
} Counted;

/* One of the numbers from a moment on. */
typedef struct CounterStep {
    int64_t time_ns;
    uint32_t counted; /* Counted */
    int32_t value; /* while the steps are collected, the difference to the value before */
} CounterStep;

/*
 * Return the steps of all numbers, in order of time; [0] is the first.  There is one step for each number and moment
 * at which it changed.  Free with g_array_unref().
 * Takes O(attempts × log(attempts)).
 */
GArray *dag__trace_counters(const DagRun *run);
