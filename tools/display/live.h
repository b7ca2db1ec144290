/* SPDX-License-Identifier: MIT */
/*
 * The live display: lines at the bottom of the terminal that show the running tasks.  They
 * are redrawn at every tick.
 */
#pragma once

#include "display/estimate.h"
#include "display/tally.h"

#include <dagrun/execute.h>
#include <dagrun/report.h>

#define LIVE_TICK_NS 100000000 /* ten updates a second; more cannot be read */

typedef struct Live {
    const DagCancel *cancel;  /* or NULL */
    unsigned retries;         /* default of the run */
    DagTextStyle style;       /* the width is updated at every tick */
    EstimateTask *tasks;      /* [n_tasks] */
    double seconds_left;      /* below 0: unknown */
    int64_t estimated_ns;     /* time of the last estimate */
    int64_t next_estimate_ns; /* not before this time */
    unsigned height;
} Live;

void live_clear(Live *live);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Live, live_clear)

/* Process an event; a tick redraws the lines.  Call it after `tally` was updated. */
void live_notify(Live *live, const DagEvent *event, const Tally *tally);
