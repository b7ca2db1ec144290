/* SPDX-License-Identifier: MIT */
/*
 * The numbers of workers and connections of a run.
 */
#pragma once

#include <dagrun/strategy.h>

/* Return the units of a run of `graph`: at least one worker, and otherwise no more than tasks that
 * occupy such a unit.  0 stands for the default number. */
DagMachine dag__machine_of(const DagGraph *graph, unsigned n_workers,
                           unsigned n_connections);
