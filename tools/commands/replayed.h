/* SPDX-License-Identifier: MIT */
/*
 * --replay: a recorded run as the source of costs.  The run must be one of the graph as it is planned now.
 */
#pragma once

#include "commands/options.h"

/* Read the record that --replay names, unless it was read before, and give parameters its values.  Without the
 * option: do nothing.
 * Returns: false after an error message, with *status_out set. */
bool replayed_read(GraphOptions *options, int *status_out);

/*
 * Match the tasks of the graph with those of the run: fill the costs, [n_tasks], of those that it has, and
 * create options->replay.  Warn of tasks that did not run to their end.  A task that the run does not have needs
 * a --set-cost.
 * Returns: false after an error message.
 */
bool replayed_match(GraphOptions *options, const DagGraph *graph, double *costs);
