/* SPDX-License-Identifier: MIT */
/*
 * Only chains are foreseen: a task that has no other successor than the next one, and no other
 * task to wait for, could be run by nobody else meanwhile.
 */
#include "run/tiny/foresight.h"

void
dag__foresee(Countdown *waiting, const DagGraph *graph, ReadyBatch *batch, unsigned size)
{
    while (batch->n < size) {
        DagIds succs = dag__successors(graph, batch->ids[batch->n - 1]);

        if (succs.n != 1 || !countdown_is_last(waiting, succs.ids[0]))
            return;
        countdown_untick(waiting, succs.ids[0]);
        batch->ids[batch->n++] = succs.ids[0];
    }
}

bool
dag__unforesee(Countdown *waiting, DagTaskId id)
{
    return countdown_tick(waiting, id);
}
