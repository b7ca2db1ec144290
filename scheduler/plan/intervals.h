/* SPDX-License-Identifier: MIT */
/*
 * The lower bound that follows from the work that must be done between two moments.
 */
#pragma once

#include <dagrun/plan.h>

/* How much is done for it. */
typedef struct IntervalLimits {
    unsigned n_workers;
    double quantum;    /* all durations are multiples of it; 0: it is not known */
    double pass_steps; /* tasks visited in a pass: 2e5 take about 1 ms */
    int n_passes;      /* at most; mostly two or three are enough */
} IntervalLimits;

/* Raise the bound, if the work on workers in some interval asks for it.  `bound` is at least the critical path.
 * No task pauses.  Durations, `bound`, its `from` and `rest` have the same unit; a task with a negative duration
 * is left out.  Cost: O(tasks log tasks + dependencies), and n_passes times pass_steps. */
void dag__raise_by_intervals(const DagGraph *graph, const double *durations,
                             const IntervalLimits *limits, DagBound *bound);

/* The same for measured durations in nanoseconds, but `from` and `rest` are seconds.  Nothing is done if there are more
 * than 512 tasks: for so many, it takes 1 to 3 ms. */
void dag__raise_measured(const DagGraph *graph, const double *durations_ns,
                         unsigned n_workers, DagBound *bound);

/* Return the largest number of seconds of which all durations are multiples, from 1 µs; 0: there is none. */
double dag__quantum(const double *seconds /* [n] */, size_t n);
