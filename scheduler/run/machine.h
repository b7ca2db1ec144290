/* SPDX-License-Identifier: MIT */
/*
 * The units of a run.
 */
#pragma once

#include <dagrun/strategy.h>

/* Return the units of a run of `graph`: no more than tasks that occupy one, and at least one
 * worker.  0 stands for the default number. */
DagMachine dag__machine_of(const DagGraph *graph, unsigned n_workers,
                           unsigned n_connections);
