/* SPDX-License-Identifier: MIT */
/*
 * Lines of text in tones, chains of tasks, seconds.
 */
#include "report/line.h"

#include <dagrun/duration.h>
#include <dagrun/graph.h>
#include <string.h>

#define ELLIPSIS "…"

static const char *const codes[] = {[TONE_PLAIN] = "",
                                    [TONE_DIM] = DAG_ANSI_DIM,
                                    [TONE_BOLD] = DAG_ANSI_BOLD,
                                    [TONE_ALARM] = DAG_ANSI_RED};

void
dag__text_begin(GString *out, DagTextStyle style, Tone tone)
{
    if (style.color)
        g_string_append(out, codes[tone]);
}

void
dag__text_end(GString *out, DagTextStyle style, Tone tone)
{
    if (style.color && tone != TONE_PLAIN)
        g_string_append(out, DAG_ANSI_RESET);
}

void
dag__text_append_safe(GString *out, DagTextStyle style, const char *text)
{
    g_autoptr(GString) masked = style.secrets ? g_string_new(text) : NULL;

    if (masked)
        dag_mask_text(style.secrets, masked, 0);
    dag_text_append_clean(out, masked ? masked->str : text);
}

void
dag__text_line(GString *out, DagTextStyle style, Tone tone, const char *format, ...)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);

    dag__text_append_safe(clean, style, text);
    dag__text_begin(out, style, tone);
    dag_text_append_fitted(out, clean->str, style.width ? style.width : SIZE_MAX);
    dag__text_end(out, style, tone);
    g_string_append_c(out, '\n');
}

void
dag__text_append_chain(GString *out, const DagGraph *graph, DagIds chain)
{
    enum { N_FIRST = 5, N_LAST = 3 }; /* fits on about two lines */

    for (size_t i = 0; i < chain.n; i++) {
        if (i > 0)
            g_string_append(out, " → ");
        if (i == N_FIRST && chain.n > N_FIRST + N_LAST + 1) {
            g_string_append(out, ELLIPSIS " → ");
            i = chain.n - N_LAST;
        }
        g_string_append(out, dag_graph_task_name(graph, chain.ids[i]));
    }
}

void
dag__text_append_seconds(GString *out, double seconds)
{
    char buffer[DAG_DURATION_SIZE];
    double ns = seconds * 1e9;

    /* 2^63 is the smallest positive double beyond the range of int64_t. */
    g_string_append(
        out, dag_duration_format(ns < 0x1p63 ? (int64_t)(ns + 0.5) : INT64_MAX, buffer));
}
