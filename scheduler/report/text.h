/* SPDX-License-Identifier: MIT */
/*
 * What reports have in common: tones, lines, chains of tasks.
 */
#pragma once

#include <dagrun/report.h>
#include <dagrun/text.h>

/* What a piece of text is to the reader. */
typedef enum Tone {
    TONE_PLAIN,
    TONE_DIM,   /* minor */
    TONE_BOLD,  /* a heading */
    TONE_ALARM, /* a failure */
} Tone;

/* Brackets what is appended between them; nothing without colours. */
void dag__text_begin(GString *out, DagTextStyle style, Tone tone);
void dag__text_end(GString *out, DagTextStyle style, Tone tone);

/* Appends one line, cleaned and cut to the width of the screen. */
void dag__text_line(GString *out, DagTextStyle style, Tone tone, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Appends names joined by arrows; of many, only the first and the last few. */
void dag__text_append_chain(GString *out, const DagGraph *graph, DagIds chain);

/* Appends seconds as dag_duration_format() writes them; very many as the most it can. */
void dag__text_append_seconds(GString *out, double seconds);
