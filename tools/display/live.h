/* SPDX-License-Identifier: MIT */
/*
 * The live display: a block below the lines of a run, drawn anew as time passes.
 */
#pragma once

#include "display/estimate.h"
#include "display/tally.h"

#include <dagrun/execute.h>
#include <dagrun/report.h>

#define LIVE_TICK_NS 100000000 /* ten updates a second are as many as anybody reads */

typedef struct Live {
    const DagCancel *cancel; /* or NULL */
    unsigned retries;        /* of tasks that declare none */
    DagTextStyle style;      /* its width is asked of the terminal again and again */
    EstimateTask *tasks;     /* [n_tasks] */
    double seconds_left;     /* below 0: not known */
    int64_t estimated_ns;    /* when */
    unsigned height;
} Live;

void live_clear(Live *live);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Live, live_clear)

/* Takes note of an event, after `tally` has; draws if it is a tick. */
void live_notify(Live *live, const DagEvent *event, const Tally *tally);
