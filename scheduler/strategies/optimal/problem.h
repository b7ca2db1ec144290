/* SPDX-License-Identifier: MIT */
/*
 * The problem that the search solves, P | prec | Cmax: identical workers, dependencies, known
 * durations; the last task is to end as early as possible.  Beside workers there may be other
 * capacities (limits), of which a task needs some units while it runs.
 *
 * Durations are whole numbers of a unit.  Tasks are numbered so that each comes after its
 * predecessors.  Without limits and priorities, tasks that take no time are left out;
 * dependencies through them are kept.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define PROBLEM_MAX_TASKS   512
#define PROBLEM_NO_DISTANCE (INT64_MIN / 4) /* may be added to any time */

#define PROBLEM_MAX_LIMITS 64

/* The first limits of a problem that has any; the pools follow. */
#define LIMIT_OF_WORKERS     0
#define LIMIT_OF_CONNECTIONS 1
#define N_LIMITS_OF_UNITS    2

typedef struct Neighbours {
    uint32_t *first; /* [n + 1]: where the neighbours of a task begin */
    uint32_t *ids;
} Neighbours;

/* Free the arrays, not the struct. */
static inline void
neighbours_clear(Neighbours *neighbours)
{
    g_free(neighbours->first);
    g_free(neighbours->ids);
}

typedef struct Problem {
    uint32_t n;       /* tasks */
    uint32_t n_words; /* 64-bit words in a set of tasks */
    unsigned n_workers;
    int64_t work; /* the sum of all durations */

    int64_t *duration; /* [n]; positive; with limits or priorities it may be 0 */
    int64_t *head;     /* [n]: longest chain of tasks before this one */
    /* [n]: longest chain that begins with this one, its own duration included. */
    int64_t *tail;

    /* [n][n]: the least time from the start of one task to the start of another that depends on
     * it; PROBLEM_NO_DISTANCE for others. */
    int64_t *distance;
    uint64_t *descendants; /* [n] sets: all tasks that depend on a task */

    Neighbours preds, succs; /* without dependencies that follow from others */

    uint32_t n_limits; /* 0: each task needs a worker, and nothing else */
    uint32_t *limit;   /* [n_limits]: units that there are */
    uint32_t *need;    /* [n][n_limits]: units of each limit that a task takes */
    uint64_t *pools;   /* [n]: a bit for each limit of a pool that a task needs */
    int32_t *priority; /* [n]; NULL: all are equal */
} Problem;

/*
 * Begin a problem of `n` tasks.  The caller then fills `duration`, and the `descendants` of each
 * task, and calls problem_finish().
 */
Problem *problem_new(uint32_t n, unsigned n_workers);
void problem_finish(Problem *problem);

/* Give the problem limits, and `need` and `pools` of all zero, for the caller to fill before
 * problem_finish(). */
void problem_set_limits(Problem *problem, uint32_t n_limits);
void problem_free(Problem *problem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Problem, problem_free)

/* Return the problem with all dependencies turned round, and its tasks numbered from the last to the
 * first: a schedule of it, read from its end, is one of this problem.  Without limits and priorities
 * only. */
Problem *problem_reversed(const Problem *problem);

/* Return the problem with durations in multiples of `unit`, rounded down; none may be less than one.  Its schedules
 * are no longer than those of this problem, in the same unit.  Without limits and priorities only. */
Problem *problem_coarse(const Problem *problem, int64_t unit);

/* Return the end of the last task of the schedule start[n]. */
static inline int64_t
problem_makespan(const Problem *problem, const int64_t *start)
{
    int64_t makespan = 0;

    for (uint32_t id = 0; id < problem->n; id++)
        makespan = MAX(makespan, start[id] + problem->duration[id]);
    return makespan;
}

/* Return max(critical path, work / workers), and the same for each limit. */
int64_t problem_simple_bound(const Problem *problem);

static inline uint64_t *
problem_descendants(const Problem *problem, uint32_t id)
{
    return problem->descendants + (size_t)id * problem->n_words;
}

static inline const int64_t *
problem_distances(const Problem *problem, uint32_t id)
{
    return problem->distance + (size_t)id * problem->n;
}

/* Return the units of each limit that a task takes. */
static inline const uint32_t *
problem_needs(const Problem *problem, uint32_t id)
{
    return problem->need + (size_t)id * problem->n_limits;
}

/* Return whether two tasks need the same. */
static inline bool
problem_needs_equal(const Problem *problem, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < problem->n_limits; i++)
        if (problem_needs(problem, a)[i] != problem_needs(problem, b)[i])
            return false;
    return true;
}

/* Return whether these units are enough for a task. */
static inline bool
problem_fits(const Problem *problem, uint32_t id, const uint32_t *free_units)
{
    for (uint32_t i = 0; i < problem->n_limits; i++)
        if (problem_needs(problem, id)[i] > free_units[i])
            return false;
    return true;
}

/* Take the units for a task from those that are free. */
static inline void
problem_take(const Problem *problem, uint32_t id, uint32_t *free_units)
{
    for (uint32_t i = 0; i < problem->n_limits; i++)
        free_units[i] -= problem_needs(problem, id)[i];
}

/* Give the units of a task back. */
static inline void
problem_give_back(const Problem *problem, uint32_t id, uint32_t *free_units)
{
    for (uint32_t i = 0; i < problem->n_limits; i++)
        free_units[i] += problem_needs(problem, id)[i];
}

static inline bool
task_set_has(const uint64_t *set, uint32_t id)
{
    return set[id / 64] >> id % 64 & 1;
}

static inline void
task_set_add(uint64_t *set, uint32_t id)
{
    set[id / 64] |= UINT64_C(1) << id % 64;
}

static inline void
task_set_remove(uint64_t *set, uint32_t id)
{
    set[id / 64] &= ~(UINT64_C(1) << id % 64);
}

/* Return whether all members of `part` are members of `whole`. */
static inline bool
task_set_contains(const uint64_t *whole, const uint64_t *part, uint32_t n_words)
{
    for (uint32_t i = 0; i < n_words; i++)
        if (part[i] & ~whole[i])
            return false;
    return true;
}
