/* SPDX-License-Identifier: MIT */
/*
 * Predecessors that have not run yet are counted off, to see what that brings to zero, and on
 * again before anybody else looks: another worker may settle the rest of what such a task needs,
 * and must not start it.
 */
#include "run/foresight.h"

/* Counts on again what was counted off, and all that was foreseen once more. */
static void
hold(Countdown *waiting, const DagGraph *graph, const ReadyBatch *batch, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        DagIds succs = dag__successors(graph, batch->ids[i]);

        for (size_t s = 0; s < succs.n; s++)
            countdown_untick(waiting, succs.ids[s]);
    }
    for (unsigned i = batch->n_taken; i < batch->n; i++)
        countdown_untick(waiting, batch->ids[i]);
}

void
dag__foresee(Countdown *waiting, const DagGraph *graph, ReadyBatch *batch, unsigned size,
             Foresight foresight)
{
    unsigned i;

    for (i = 0; i < batch->n && foresight != FORESIGHT_NONE; i++) {
        DagIds succs = dag__successors(graph, batch->ids[i]);
        bool is_chain = i + 1 == batch->n && succs.n <= 1;

        if (succs.n > size - batch->n || !(is_chain || foresight == FORESIGHT_WIDE))
            break;
        batch->n += (unsigned)countdown_tick_all(waiting, succs, batch->ids + batch->n);
    }
    hold(waiting, graph, batch, i);
}

bool
dag__unforesee(Countdown *waiting, DagTaskId id)
{
    return countdown_tick(waiting, id);
}
