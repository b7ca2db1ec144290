/* SPDX-License-Identifier: MIT */
/*
 * Lines are read as a terminal shows them in the end, so a progress bar is one line.
 *
 * Of a very long text, only the first and the last megabyte are looked at; of the rest, only newlines
 * are counted, which is as fast as reading the text.
 */
#include "display/excerpt.h"

#include <string.h>

#define END_SIZE 1048576 /* at either end of the text */

/* Longer lines are shortened: sixty of them still leave the screen readable. */
#define MAX_LINE 1000

/* A line with a longer history is replaced by its present state. */
#define MAX_HISTORY 65536

#define CUT_MARK " […]"

void
excerpt_init(Excerpt *excerpt, uint64_t size, bool keeps_color)
{
    *excerpt = (Excerpt){
        .text = {.keeps_color = keeps_color},
        .size = size,
        .fit = g_string_new(NULL),
        .line = g_string_new(NULL),
        .head = g_string_new(NULL),
    };
}

static void
forget_tail(Excerpt *excerpt)
{
    for (size_t i = 0; i < EXCERPT_TAIL; i++)
        g_clear_pointer(&excerpt->tail[i], g_free);
}

void
excerpt_clear(Excerpt *excerpt)
{
    g_string_free(excerpt->fit, TRUE);
    g_string_free(excerpt->line, TRUE);
    g_string_free(excerpt->head, TRUE);
    forget_tail(excerpt);
}

/* Shorten the line to its first bytes, but not within a character. */
static void
shorten(GString *line)
{
    gsize length = MAX_LINE;

    while (((unsigned char)line->str[length] & 0xc0) == 0x80)
        length--;
    g_string_truncate(line, length);
}

/* The line is complete. */
static void
end_line(Excerpt *excerpt)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (excerpt->line->len > 0 && excerpt->line->str[excerpt->line->len - 1] == '\r')
        g_string_truncate(excerpt->line, excerpt->line->len - 1);
    task_text_append_final(excerpt->line->str, excerpt->line->len, line);
    if (line->len > MAX_LINE) {
        shorten(line);
        excerpt->line_is_cut = true;
    }
    if (excerpt->line_is_cut)
        g_string_append(line, CUT_MARK);
    excerpt->is_cut |= excerpt->line_is_cut;
    excerpt->line_is_cut = false;
    g_string_truncate(excerpt->line, 0);
    if (excerpt->n_head < EXCERPT_HEAD) {
        g_string_append_printf(excerpt->head, "%s\n", line->str);
        excerpt->n_head++;
        return;
    }

    char **place = &excerpt->tail[excerpt->n_lines++ % EXCERPT_TAIL];

    g_free(*place);
    *place = g_strdup(line->str);
}

/* Keep the memory for a line without an end bounded. */
static void
bound_line(Excerpt *excerpt)
{
    g_autoptr(GString) state = NULL;

    if (excerpt->line->len <= MAX_HISTORY)
        return;
    state = g_string_new(NULL);
    task_text_append_final(excerpt->line->str, excerpt->line->len, state);
    if (state->len > MAX_LINE) {
        shorten(state);
        excerpt->line_is_cut = true;
    }
    g_string_assign(excerpt->line, state->str);
}

static void
push_fit(Excerpt *excerpt)
{
    const char *at = excerpt->fit->str, *newline;

    for (; (newline = strchr(at, '\n')); at = newline + 1) {
        g_string_append_len(excerpt->line, at, newline - at);
        end_line(excerpt);
    }
    g_string_append(excerpt->line, at);
    bound_line(excerpt);
}

/* Look at bytes near an end of the text. */
static void
look(Excerpt *excerpt, const char *bytes, size_t size)
{
    g_string_truncate(excerpt->fit, 0);
    task_text_push(&excerpt->text, bytes, size, excerpt->fit);
    push_fit(excerpt);
}

/* Count the lines of bytes that are far from both ends. */
static void
skip(Excerpt *excerpt, const char *bytes, uint64_t size)
{
    const char *end = bytes + size;

    if (!excerpt->line_is_cut) /* the first bytes that are skipped */
        forget_tail(excerpt);
    excerpt->line_is_cut = excerpt->is_cut = true;
    excerpt->text.state = TEXT_PLAIN;
    while (bytes && (bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        excerpt->n_lines++;
        bytes++;
    }
}

void
excerpt_push(Excerpt *excerpt, const char *bytes, uint64_t size)
{
    while (size > 0) {
        uint64_t from_end = excerpt->size - MIN(excerpt->n_read, excerpt->size);
        uint64_t n = size;
        bool is_near = true;

        if (excerpt->n_read < END_SIZE) {
            n = MIN(n, END_SIZE - excerpt->n_read);
        } else if (from_end > END_SIZE) {
            n = MIN(n, from_end - END_SIZE);
            is_near = false;
        }
        if (is_near && bytes)
            look(excerpt, bytes, n);
        else
            skip(excerpt, bytes, n);
        excerpt->n_read += n;
        size -= n;
        bytes = bytes ? bytes + n : NULL;
    }
}

void
excerpt_end(Excerpt *excerpt)
{
    g_string_truncate(excerpt->fit, 0);
    task_text_end(&excerpt->text, excerpt->fit);
    g_string_append_len(excerpt->line, excerpt->fit->str, (gssize)excerpt->fit->len);
    if (excerpt->line->len > 0)
        end_line(excerpt);
}

uint64_t
excerpt_n_left_out(const Excerpt *excerpt)
{
    return excerpt->n_lines - MIN(excerpt->n_lines, EXCERPT_TAIL);
}

void
excerpt_append_tail(const Excerpt *excerpt, GString *out)
{
    for (uint64_t i = excerpt_n_left_out(excerpt); i < excerpt->n_lines; i++)
        if (excerpt->tail[i % EXCERPT_TAIL])
            g_string_append_printf(out, "%s\n", excerpt->tail[i % EXCERPT_TAIL]);
}
