/* SPDX-License-Identifier: MIT */
/*
 * Makes the text of a task fit for a terminal on which other text follows.  Pure functions.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* The part of an escape sequence that has been read. */
typedef enum TextState {
    TEXT_PLAIN,
    TEXT_ESCAPE,        /* ESC */
    TEXT_SEQUENCE,      /* ESC [ and parameters */
    TEXT_STRING,        /* ESC ] or the like; ends with BEL or ESC \ */
    TEXT_STRING_ESCAPE, /* ESC within it */
    TEXT_CHARSET,       /* ESC ( or the like */
    TEXT_C1,            /* 0xc2, which may begin a control character */
} TextState;

/* A text on its way to a terminal.  All zero but for the flag, it is ready. */
typedef struct TaskText {
    bool keeps_color; /* keep sequences that set colours */
    TextState state;
    char sequence[64]; /* ESC [ and parameters so far */
    size_t n_sequence;
    bool is_colored; /* a colour is set */
} TaskText;

/* Append `bytes` to `out` without control sequences and control characters; newlines, tabs,
 * carriage returns and backspaces stay, and colours if `keeps_color`. */
void task_text_push(TaskText *text, const char *bytes, size_t size, GString *out);

/* End the text: append a sequence that ends colours, if one is set. */
void task_text_end(TaskText *text, GString *out);

/*
 * Append a line, without its newline, as a terminal shows it in the end: carriage returns and
 * backspaces move back, and later characters replace earlier ones.  Of sequences, the line may have
 * those that set colours.
 */
void task_text_append_final(const char *text, size_t size, GString *out);
