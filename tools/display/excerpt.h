/* SPDX-License-Identifier: MIT */
/*
 * The head and the tail of a long text, for a terminal.
 */
#pragma once

#include "display/task-text.h"

#include <stdint.h>

/* The first lines often have the cause of a failure, the last ones its consequences. */
#define EXCERPT_HEAD 20
#define EXCERPT_TAIL 40

typedef struct Excerpt {
    TaskText text;
    uint64_t size;   /* of the whole text */
    uint64_t n_read; /* bytes */
    GString *fit;    /* the bytes as TaskText returned them */
    GString *line;   /* the line being read */
    bool is_cut;     /* a line is too long, and was shortened */
    bool line_is_cut;
    GString *head;
    size_t n_head;
    char *tail[EXCERPT_TAIL]; /* a ring: line i at i % EXCERPT_TAIL */
    uint64_t n_lines;         /* after the head */
} Excerpt;

/* Begin an excerpt of a text of `size` bytes. */
void excerpt_init(Excerpt *excerpt, uint64_t size, bool keeps_color);
void excerpt_clear(Excerpt *excerpt);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Excerpt, excerpt_clear)

/* Add the next bytes of the text.  `bytes` NULL: they are lost. */
void excerpt_push(Excerpt *excerpt, const char *bytes, uint64_t size);

/* End the text. */
void excerpt_end(Excerpt *excerpt);

/* Return the number of lines that are in neither part. */
uint64_t excerpt_n_left_out(const Excerpt *excerpt);

/* Append the last lines, each with its newline.  The first ones are excerpt->head. */
void excerpt_append_tail(const Excerpt *excerpt, GString *out);
