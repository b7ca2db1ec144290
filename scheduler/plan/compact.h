/* SPDX-License-Identifier: MIT */
#pragma once

#include "model/graph.h"

/*
 * Move tasks to later phases until the dependencies span as few phases as possible, all added up.
 * phase_of[n_tasks] holds the earliest phases.  Exact; of several optima, the one with the earliest phases.
 * Returns: the number of phases.
 */
uint32_t dag__compact_phases(const DagGraph *graph, uint32_t *phase_of);
