/* SPDX-License-Identifier: MIT */
/*
 * The best schedule so far, and the heuristics that improve it: list scheduling with disturbed
 * priorities, and justification (Wiest, 1964; Valls, Ballestín & Quintanilla, 2005).
 */
#pragma once

#include "strategies/optimal/scheme.h"

typedef struct Incumbent {
    const Problem *problem;
    int64_t makespan;
    bool is_first;  /* it is the one with which it began */
    int64_t *start; /* [n] */
    GRand *random;  /* a seed of its own: the same problem gives the same schedule */
    Generator *generator;
    Turn *turns;               /* [n] */
    int64_t *trial;            /* [n] */
    int64_t *offered, *before; /* [n]: scratch */
} Incumbent;

Incumbent *incumbent_new(const Problem *problem);
void incumbent_free(Incumbent *incumbent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Incumbent, incumbent_free)

/* Begin with list scheduling in the order of turns[n], which is sorted. */
void incumbent_begin(Incumbent *incumbent, const Turn *turns);

/* Keep start[n] if it is shorter than the present schedule.  `is_reversed`: it counts back from
 * its end.  With limits or priorities, a run must be able to repeat it. */
void incumbent_offer(Incumbent *incumbent, int64_t makespan, const int64_t *start,
                     bool is_reversed);

/* Try priorities by the longest chain: undisturbed at round 0, at others by up to a quarter. */
void incumbent_improve(Incumbent *incumbent, unsigned round);

/* Move the tasks of a schedule in `trial` to the end and back, a few times. */
void incumbent_justify(Incumbent *incumbent, bool is_reversed);
