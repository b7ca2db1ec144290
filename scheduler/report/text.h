/* SPDX-License-Identifier: MIT */
/*
 * Text for a screen: its width in columns, and its colours.
 */
#pragma once

#include <dagrun/report.h>

/* What a piece of text is to the reader. */
typedef enum Tone {
    TONE_PLAIN,
    TONE_DIM,   /* minor */
    TONE_BOLD,  /* a heading */
    TONE_ALARM, /* a failure */
} Tone;

/*
 * Appends foreign text so that it cannot disturb the screen: valid UTF-8, on one line, without
 * control characters.
 */
void dag__text_append_clean(GString *out, const char *text);

/* Returns: the columns that clean text takes on a screen. */
size_t dag__text_width(const char *text);

/*
 * Appends clean text, or as much of it as fits into `width` columns with an ellipsis.
 * Returns: the columns it took.
 */
size_t dag__text_append_fitted(GString *out, const char *text, size_t width);

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
