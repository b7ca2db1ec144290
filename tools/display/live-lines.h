/* SPDX-License-Identifier: MIT */
/*
 * Composes the lines of the live display: a heading and a line per running task.  Pure
 * functions.
 */
#pragma once

#include "display/tally.h"

#include <dagrun/report.h>

typedef struct LiveLines {
    const DagPlan *plan;
    const Tally *tally;
    int64_t now_ns;      /* since the start of the run */
    double seconds_left; /* below 0: unknown */
    bool is_stopping;    /* no more tasks start */
    bool is_interrupted; /* once: the next ^C kills running tasks */
    unsigned retries;    /* default of the run */
} LiveLines;

/*
 * Append the lines for a screen of style.width columns and `height` rows; 0: unknown.  Lines are
 * separated by newlines; the last one has none.  There is at least one line, and at most half a
 * screen of them.  Each line is narrower than the screen, because some terminals wrap a line
 * that fills it.
 */
void live_lines_compose(const LiveLines *lines, DagTextStyle style, unsigned height,
                        GString *out);

/* Append "0:07", "12:34" or "1:02:03". */
void live_lines_append_clock(GString *out, int64_t ns);
