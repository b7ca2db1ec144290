/* SPDX-License-Identifier: MIT */
/*
 * The holds of a schedule, as rows: which tasks wait for the end of a task besides its
 * successors.  A hold waits for an end, not for a success: it orders tasks, it passes nothing on.
 */
#pragma once

#include <dagrun/strategy.h>

typedef struct Holds {
    uint32_t *first; /* [n_tasks + 1], owned: row of held; NULL: there are no holds */
    DagTaskId *held; /* [n_holds], owned */
    uint32_t *n_of;  /* [n_tasks], owned: holds on each task */
} Holds;

/* Return the rows of holds[n].  Each hold must agree with the order of the schedule. */
Holds dag__holds_of(const DagHold *holds, size_t n, size_t n_tasks);
void dag__holds_clear(Holds *holds);

/* Return the tasks that are held until `id` has ended. */
static inline DagIds
holds_after(const Holds *holds, DagTaskId id)
{
    if (!holds->first)
        return (DagIds){NULL, 0};
    return (DagIds){holds->held + holds->first[id],
                    holds->first[id + 1] - holds->first[id]};
}
