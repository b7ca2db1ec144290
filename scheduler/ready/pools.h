/* SPDX-License-Identifier: MIT */
/*
 * Slots of pools while tasks run.  Used under the lock of whoever owns it.
 */
#pragma once

#include "ready/ready-queue.h"

typedef struct Pools Pools;

#define NO_CLASS UINT32_MAX

/* All slots of the graph's pools are free. */
Pools *dag__pools_new(const DagGraph *graph);
void dag__pools_free(Pools *pools);

/*
 * Returns: the class whose next task goes first of all that can start, or NO_CLASS.  A task
 * that has to wait for slots is not overtaken by one behind it that wants some of the same pool;
 * so a task that uses much is not starved by many that use little.
 */
uint32_t dag__pools_choose(Pools *pools, const ReadyQueue *queue);

/* Takes all that `id` uses; there must be as much. */
void dag__pools_take(Pools *pools, DagTaskId id);
void dag__pools_give_back(Pools *pools, DagTaskId id);
