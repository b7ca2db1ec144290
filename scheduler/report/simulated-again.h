/* SPDX-License-Identifier: MIT */
/*
 * A run that has ended, simulated again: with its strategy and workers, and with the attempts of its
 * record.
 */
#pragma once

#include <dagrun/past-run.h>
#include <dagrun/plan.h>

/* Return the simulated makespan in nanoseconds; -1 if the strategy is unknown, or searches, or if a signal or
 * a time limit cut the run. */
int64_t dag__replay_ns(const DagPlan *plan, const DagPastRun *past);
