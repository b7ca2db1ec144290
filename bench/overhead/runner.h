/* SPDX-License-Identifier: MIT */
/*
 * A runner: one way to run a graph of tasks that do nothing, or spin for a while.
 *
 * Every runner records the start and end of each task, in fresh memory, with one clock reading per
 * task: the end of a task is the start of the next one on the same thread.  After a wait this
 * start is too early; dagrun then reads the clock again, the others do not.
 */
#pragma once

#include "shapes.h"

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The action of a task. */
typedef struct Body {
    int64_t spin_ns; /* 0: nothing */
} Body;

typedef struct Runner {
    const char *name;
    const char *summary;
    bool is_serial; /* uses one worker only */

    /* Prepare data for several runs: not timed. */
    void *(*prepare)(const Shape *shape, const Body *body, unsigned n_workers);

    /* Run every task once, after its predecessors: timed.  Returns: the argument of check(). */
    void *(*run)(void *prepared);

    /* Free the result of run(): not timed.  Returns: the number of tasks that ran in order. */
    uint32_t (*check)(void *prepared, void *done);
    void (*dispose)(void *prepared);
} Runner;

extern const Runner runner_pass, runner_phases, runner_dataflow, runner_critical_path,
    runner_pool, runner_openmp, runner_tbb_flow, runner_tbb_tasks;

/* The times of a task. */
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

/* Run the body of a task.  Returns: the time. */
static inline int64_t
body_run(const Body *body, int64_t start_ns)
{
    int64_t now_ns = clock_ns();

    while (now_ns - start_ns < body->spin_ns)
        now_ns = clock_ns();
    return now_ns;
}

/* Run a task on a thread whose last clock reading is `last_ns`, 0 for none. */
static inline void
mark_task(Mark *mark, const Body *body, int64_t *last_ns)
{
    mark->start_ns = body->spin_ns == 0 && *last_ns ? *last_ns : clock_ns();
    mark->end_ns = *last_ns = body_run(body, mark->start_ns);
}

/* Returns: the number of tasks that ended, and not before their predecessors; shape->n if all
 * did. */
uint32_t marks_count(const Shape *shape, const Mark *marks);

#ifdef __cplusplus
}
#endif
