/* SPDX-License-Identifier: MIT */
/*
 * The few lines at the bottom of a terminal that say how a run goes.  A pure function.
 */
#pragma once

#include "display/tally.h"

#include <dagrun/report.h>

typedef struct LiveLines {
    const DagPlan *plan;
    const Tally *tally;
    int64_t now_ns;      /* since the run began */
    double seconds_left; /* below 0: not known */
    bool is_stopping;    /* nothing new starts */
    unsigned retries;    /* of tasks that declare none */
} LiveLines;

/*
 * Appends the lines for a screen of style.width columns and `height` rows, 0 being not known:
 * lines with a line feed between them, none after the last.  At least one line, never more
 * than half of the screen, and none as wide as the screen, since some terminals then begin
 * another one.
 */
void live_lines_compose(const LiveLines *lines, DagTextStyle style, unsigned height,
                        GString *out);

/* Appends "0:07", "12:34" or "1:02:03". */
void live_lines_append_clock(GString *out, int64_t ns);
