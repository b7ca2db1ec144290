/* SPDX-License-Identifier: MIT */
/*
 * What the tasks of a batch make ready by themselves.
 */
#pragma once

#include "run/countdown.h"
#include "run/ready-set.h"

/* How far a worker may look ahead: it must take from nobody what is for others to take. */
typedef enum Foresight {
    FORESIGHT_NONE,
    FORESIGHT_CHAIN, /* as long as there is one task after another */
    FORESIGHT_WIDE,  /* in the order in which tasks become ready */
} Foresight;

/*
 * Appends to `batch`, up to `size` tasks in all, what becomes ready while its tasks succeed one
 * after the other.  They wait for one predecessor more from then on, so that no end of a task
 * releases them: they have been taken.  All other counts are as before.
 */
void dag__foresee(Countdown *waiting, const DagGraph *graph, ReadyBatch *batch,
                  unsigned size, Foresight foresight);

/* Lets go of a task that was foreseen.  Returns: whether all that it needs has succeeded. */
bool dag__unforesee(Countdown *waiting, DagTaskId id);
