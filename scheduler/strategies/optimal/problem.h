/* SPDX-License-Identifier: MIT */
/*
 * The problem that the search solves, P | prec | Cmax: identical workers, dependencies, known
 * durations; the last task is to end as early as possible.
 *
 * Durations are whole numbers of a unit.  Tasks are numbered so that each comes after its
 * predecessors.  Tasks that take no time are left out; dependencies through them are kept.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define PROBLEM_MAX_TASKS   512
#define PROBLEM_NO_DISTANCE (INT64_MIN / 4) /* may be added to any time */

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

    int64_t *duration; /* [n]; positive */
    int64_t *head;     /* [n]: longest chain of tasks before this one */
    int64_t
        *tail; /* [n]: longest chain that begins with this one, its own duration included */

    /* [n][n]: the least time from the start of one task to the start of another that depends on
     * it; PROBLEM_NO_DISTANCE for others. */
    int64_t *distance;
    uint64_t *descendants; /* [n] sets: all tasks that depend on a task */

    Neighbours preds, succs; /* without dependencies that follow from others */
} Problem;

/*
 * Begin a problem of `n` tasks.  The caller then fills `duration`, and the `descendants` of each
 * task, and calls problem_finish().
 */
Problem *problem_new(uint32_t n, unsigned n_workers);
void problem_finish(Problem *problem);
void problem_free(Problem *problem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Problem, problem_free)

/* Return max(critical path, work / workers). */
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
