/* SPDX-License-Identifier: MIT */
/*
 * The energy test: compare the work between two moments with the time of all workers (Fernandez & Bussell, 1973, for windows that need not come from the graph
 * alone).
 */
#pragma once

#include "strategies/optimal/problem.h"

/*
 * Parts of tasks that cannot start before a moment: at the latest they begin at begins[i] and
 * end at ends[i]; both arrays are sorted, each for itself.
 */
typedef struct Energy {
    int64_t *begins; /* [n] */
    int64_t *ends;   /* [n] */
    uint32_t n;
    uint32_t max_parts; /* that the arrays have room for */
} Energy;

/* From one moment to another. */
typedef struct Span {
    int64_t from, to;
} Span;

/*
 * Add a part that begins between `begin` and, at the latest, is `amount` long.  Expects parts in
 * about their order; costs a step for each that is out of order.
 */
static inline void
energy_add(Energy *energy, int64_t begin, int64_t end)
{
    uint32_t i = energy->n, k = energy->n++;

    for (; i > 0 && energy->begins[i - 1] > begin; i--)
        energy->begins[i] = energy->begins[i - 1];
    energy->begins[i] = begin;
    for (; k > 0 && energy->ends[k - 1] > end; k--)
        energy->ends[k] = energy->ends[k - 1];
    energy->ends[k] = end;
}

/* Return how many parts the test of a problem may need: with limits, one for each unit of each task,
 * but not too many. */
static inline uint32_t
energy_parts_of(const Problem *problem)
{
    return problem->n_limits == 0 ? problem->n : 4 * problem->n + PROBLEM_MAX_LIMITS;
}

/* Add a part for each unit of the limit that a task needs.  Those for which there is no room are left out:
 * then less is refuted. */
static inline void
energy_add_needs(Energy *energy, const Problem *problem, uint32_t id, uint32_t limit,
                 Span part)
{
    uint32_t n = MIN(problem_needs(problem, id)[limit], energy->max_parts - energy->n);

    if (part.to > part.from)
        for (uint32_t i = 0; i < n; i++)
            energy_add(energy, part.from, part.to);
}

/* Return whether the parts that must be done between `from` and some later moment are more than
 * the workers can do. */
static inline bool
energy_exceeds(const Energy *energy, int64_t from, unsigned n_workers)
{
    int64_t done = 0, at = from;
    uint32_t n_begun = 0;

    for (uint32_t n_ended = 0; n_ended < energy->n; n_ended++) {
        int64_t end = energy->ends[n_ended];

        for (; n_begun < energy->n && energy->begins[n_begun] < end; n_begun++) {
            done += (energy->begins[n_begun] - at) * (n_begun - n_ended);
            at = energy->begins[n_begun];
        }
        done += (end - at) * (n_begun - n_ended);
        at = end;
        if (done > (int64_t)n_workers * (end - from))
            return true;
    }
    return false;
}
