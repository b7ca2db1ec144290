/* SPDX-License-Identifier: MIT */
/*
 * Pieces of the comparison of two graphs (graph-difference.c) or two runs (run-difference.c).
 */
#pragma once

#include "report/line.h"

typedef struct Difference {
    DagTextStyle style;
    GString *out;
    bool is_different;
} Difference;

/* Write the line of a task that is different. */
void dag__difference_tell(Difference *difference, const char *name, const char *text);

/* Append "before → after" as durations in seconds, with the percentage if both are known; below 0: not known. */
void dag__difference_seconds(GString *out, double before, double after);
