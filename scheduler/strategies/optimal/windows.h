/* SPDX-License-Identifier: MIT */
/*
 * Time windows: when a task may start if all is to end by a deadline, and proofs that it cannot.
 */
#pragma once

#include "strategies/optimal/problem.h"

typedef struct Windows {
    const Problem *problem;
    int64_t deadline;
    int64_t *earliest; /* [n]: earliest start */
    int64_t *latest;   /* [n]: latest start */
} Windows;

Windows *windows_new(const Problem *problem);
void windows_free(Windows *windows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Windows, windows_free)

/* Set the windows that heads, tails and the deadline give. */
void windows_reset(Windows *windows, int64_t deadline);

/*
 * Cut impossible starts from the windows (shaving; Carlier & Pinson, 1990, and
 * Martin & Shmoys, 1996): while starting a task in the first or last part of its window is
 * refuted, the part is cut off.  Ends early once `give_up()` returns true.
 *
 * Returns: false if no schedule meets the deadline.
 */
bool windows_shave(Windows *windows, bool (*give_up)(void *data), void *data);

/*
 * Return a lower bound of the makespan, at most `upper`: the smallest deadline that shaving does
 * not refute (destructive improvement; Klein & Scholl, 1999).
 */
int64_t destructive_bound(Windows *windows, int64_t lower, int64_t upper,
                          bool (*give_up)(void *data), void *data);
