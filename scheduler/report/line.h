/* SPDX-License-Identifier: MIT */
/*
 * Pieces of text reports: tones, lines, chains of tasks.
 */
#pragma once

#include <dagrun/report.h>
#include <dagrun/text.h>

/* The importance of a piece of text; decides its colour. */
typedef enum Tone {
    TONE_PLAIN,
    TONE_DIM,   /* minor */
    TONE_BOLD,  /* a heading */
    TONE_ALARM, /* a failure */
} Tone;

/* Begin and end a tone.  Append nothing if the style has no colours. */
void dag__text_begin(GString *out, DagTextStyle style, Tone tone);
void dag__text_end(GString *out, DagTextStyle style, Tone tone);

/* Append text with secrets masked, and clean. */
void dag__text_append_safe(GString *out, DagTextStyle style, const char *text);

/* Append a line, cleaned and cut to the width of the screen. */
void dag__text_line(GString *out, DagTextStyle style, Tone tone, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Append the names of tasks joined by arrows; if there are many, only the first and last few. */
void dag__text_append_chain(GString *out, const DagGraph *graph, DagIds chain);

/* Append seconds in the form of dag_duration_format(), limited to the largest it can write. */
void dag__text_append_seconds(GString *out, double seconds);
