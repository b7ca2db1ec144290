/* SPDX-License-Identifier: MIT */
/*
 * What the task of a batch makes ready by itself.
 */
#pragma once

#include "ready/countdown.h"
#include "ready/ready-set.h"

/*
 * Appends to `batch`, of one task so far, the chain behind it: what becomes ready, one task after
 * the other, while they succeed; up to `size` tasks in all.  They wait for one predecessor more
 * from then on, so that no end of a task releases them: they have been taken.
 */
void dag__foresee(Countdown *waiting, const DagGraph *graph, ReadyBatch *batch,
                  unsigned size);

/* Lets go of a task that was foreseen.  Returns: whether all that it needs has succeeded. */
bool dag__unforesee(Countdown *waiting, DagTaskId id);
