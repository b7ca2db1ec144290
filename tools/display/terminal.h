/* SPDX-License-Identifier: MIT */
/*
 * Properties of the terminal, if any, that a stream is connected to.
 */
#pragma once

#include <dagrun/report.h>
#include <stdio.h>

/*
 * Determine width and colour for `stream`.  `color` is the value of --color: "auto" (or NULL),
 * "always" or "never".  With "auto", these decide, in this order: NO_COLOR if not empty,
 * FORCE_COLOR if neither empty nor "0", whether the terminal knows colours.
 *
 * Returns: false after an error message if `color` is another word.
 */
bool terminal_style(const char *color, FILE *stream, DagTextStyle *style_out);

/* Get the numbers of columns and rows of a terminal; 0: unknown. */
void terminal_size(FILE *stream, unsigned *width_out, unsigned *height_out);

/* Return whether `stream` is a terminal that can move the cursor. */
bool terminal_is_screen(FILE *stream);

/* Return whether a terminal may show what is written to the descriptor: it is one, or a pipe, which may
 * lead there, for instance through tee(1). */
bool terminal_may_show(int fd);

/* Return whether this process is in the foreground of the terminal `stream`. */
bool terminal_is_foreground(FILE *stream);

/* Return whether both streams are the same terminal. */
bool terminal_is_shared(FILE *one, FILE *other);
