/* SPDX-License-Identifier: MIT */
/*
 * What kind of screen, if any, is at the other end.
 */
#pragma once

#include <dagrun/report.h>
#include <stdio.h>

/*
 * Finds out how to write to `stream`.  `color` is the option's value: "auto" (or NULL),
 * "always" or "never"; with auto, NO_COLOR, then FORCE_COLOR, then the terminal decide.
 *
 * Returns: false, and complains, if `color` is none of these.
 */
bool terminal_style(const char *color, FILE *stream, DagTextStyle *style_out);
