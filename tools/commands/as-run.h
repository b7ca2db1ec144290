/* SPDX-License-Identifier: MIT */
/*
 * The graph and the plan of a run that has ended.  The record tells with which parameters and which
 * tasks the graph was run, and which were taken out; the phase rule is the one that gives the phases of the record.
 */
#pragma once

#include "commands/options.h"

#include <dagrun/past-run.h>

/* Read the record.  Returns: NULL after an error message; the exit status is then EXIT_INTERNAL. */
DagPastRun *as_run_read(const char *path);

/* Give the parameters the values of the run, unless the command line gives others.  The record has no
 * values of secrets. */
void as_run_take_params(GraphOptions *options, const DagPastRun *past);

/* Load the graph as it was run.  Returns: NULL after an error message, with *status_out set. */
DagGraph *as_run_load(GraphOptions *options, const DagPastRun *past, int *status_out);

/* Return the plan by the rule that was asked for, or by the one that fits; else by the default. */
DagPlan *as_run_plan(const GraphOptions *options, const DagGraph *graph,
                     const DagPastRun *past);
