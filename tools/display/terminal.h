/* SPDX-License-Identifier: MIT */
/*
 * What kind of screen, if any, is at the other end.
 */
#pragma once

#include <dagrun/report.h>
#include <stdio.h>

/* Select graphic rendition, ECMA-48. */
#define TERMINAL_RED   "\033[31m"
#define TERMINAL_BOLD  "\033[1m"
#define TERMINAL_DIM   "\033[2m"
#define TERMINAL_RESET "\033[0m"

/*
 * Finds out how to write to `stream`.  `color` is the option's value: "auto" (or NULL),
 * "always" or "never"; with auto, NO_COLOR, then FORCE_COLOR, then the terminal decide.
 *
 * Returns: false, and complains, if `color` is none of these.
 */
bool terminal_style(const char *color, FILE *stream, DagTextStyle *style_out);

/* Tells the columns and rows of the terminal that `stream` is; 0 what is not known. */
void terminal_size(FILE *stream, unsigned *width_out, unsigned *height_out);

/* Returns: whether `stream` is a terminal whose lines can be written anew. */
bool terminal_is_screen(FILE *stream);

/* Returns: whether this process is in the foreground of the terminal that `stream` is. */
bool terminal_is_ours(FILE *stream);

/* Returns: whether both are one and the same terminal. */
bool terminal_is_shared(FILE *one, FILE *other);
