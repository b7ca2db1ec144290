/* SPDX-License-Identifier: MIT */
/*
 * Tiny tasks: so short that running several in one go is faster than sharing them out.
 */
#pragma once

#include <dagrun/graph.h>

/* A task that takes less is tiny: about the time to hand a task to another worker. */
#define DAG_TINY_NS 2000

/* Return true if every kind in the graph is tiny and no task has a known cost of DAG_TINY_NS or
 * more.  O(tasks). */
bool dag__is_tiny(const DagGraph *graph);
