/* SPDX-License-Identifier: MIT */
/*
 * One way to run a graph of tasks that do nothing, or spin for a while.
 *
 * Every runner makes the same record: when each task started and ended, in fresh memory, by one
 * reading of the clock per task.  The end of a task stands for the start of the next one on the
 * same thread.  (After a wait that is too early; dagrun reads the clock again then, the others
 * are spared it.)
 */
#pragma once

#include "shapes.h"

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a task does. */
typedef struct Body {
    int64_t spin_ns; /* 0: nothing */
} Body;

typedef struct Runner {
    const char *name;
    const char *summary;
    bool is_serial; /* has no use for a second worker */

    /* Prepares what can be used for several runs: not timed. */
    void *(*prepare)(const Shape *shape, const Body *body, unsigned n_workers);

    /* Runs every task once, after those it depends on: timed.  Returns: what check() looks at. */
    void *(*run)(void *prepared);

    /* Counts the tasks that ran in their order, lets go of what run() returned: not timed. */
    uint32_t (*check)(void *prepared, void *done);
    void (*dispose)(void *prepared);
} Runner;

extern const Runner runner_pass, runner_phases, runner_dataflow, runner_critical_path,
    runner_pool, runner_openmp, runner_tbb_flow, runner_tbb_tasks;

/* When a task ran. */
typedef struct Mark {
    int64_t start_ns, end_ns;
} Mark;

static inline int64_t
clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Does what a task does.  Returns: the time. */
static inline int64_t
body_run(const Body *body, int64_t start_ns)
{
    int64_t now_ns = clock_ns();

    while (now_ns - start_ns < body->spin_ns)
        now_ns = clock_ns();
    return now_ns;
}

/* Runs a task on a thread whose last reading of the clock is in `last_ns`, 0 for none. */
static inline void
mark_task(Mark *mark, const Body *body, int64_t *last_ns)
{
    mark->start_ns = body->spin_ns == 0 && *last_ns ? *last_ns : clock_ns();
    mark->end_ns = *last_ns = body_run(body, mark->start_ns);
}

/* Returns: how many tasks ended, none before what it depends on; that of all is shape->n. */
uint32_t marks_count(const Shape *shape, const Mark *marks);

#ifdef __cplusplus
}
#endif
