/* SPDX-License-Identifier: MIT */
/*
 * The phase log of --log: a line when a phase starts and ends, and a table of timings when the
 * run has ended.  Written to standard error.
 */
#pragma once

#include <dagrun/execute.h>

/* Log an event of a phase or of the run; other events are ignored. */
void phase_log_notify(const DagEvent *event);
