/* SPDX-License-Identifier: MIT */
/*
 * A task does not know that its text is printed later, below other lines.  Sequences that move the
 * cursor, erase, change the screen or the title, or hide the cursor would spoil these lines, and the
 * lines after them.  Only colours mean the same anywhere, up to the end of the text.
 *
 * Text is UTF-8.  Other bytes stay as they are; a terminal shows a replacement for them.
 */
#include "display/task-text.h"

#include <dagrun/text.h>
#include <string.h>

#define ESC 0x1b
#define BEL 0x07

static bool
is_kept_control(unsigned char c)
{
    return c == '\n' || c == '\t' || c == '\r' || c == '\b';
}

/* Append a sequence that sets colours, and note whether one is set then. */
static void
end_sequence(TaskText *text, unsigned char final, GString *out)
{
    bool is_whole = text->n_sequence < sizeof(text->sequence);
    bool ends_color = true;

    text->state = TEXT_PLAIN;
    for (size_t i = 2; i < text->n_sequence && is_whole; i++) {
        is_whole = g_ascii_isdigit(text->sequence[i]) || strchr(";:", text->sequence[i]);
        ends_color = ends_color && strchr("0;", text->sequence[i]);
    }
    if (final != 'm' || !is_whole || !text->keeps_color)
        return;
    g_string_append_len(out, text->sequence, (gssize)text->n_sequence);
    g_string_append_c(out, 'm');
    text->is_colored = !ends_color;
}

static void
begin_sequence(TaskText *text)
{
    text->state = TEXT_SEQUENCE;
    memcpy(text->sequence, "\033[", 2);
    text->n_sequence = 2;
}

static void
push_plain(TaskText *text, unsigned char c, GString *out)
{
    if (c == ESC)
        text->state = TEXT_ESCAPE;
    else if (c == 0xc2)
        text->state = TEXT_C1;
    else if (c >= 0x80 || is_kept_control(c) || (c >= 0x20 && c != 0x7f))
        g_string_append_c(out, (char)c);
}

/* The byte after ESC. */
static void
push_escape(TaskText *text, unsigned char c)
{
    if (c == '[')
        begin_sequence(text);
    else if (strchr("]PX^_", c) && c)
        text->state = TEXT_STRING;
    else if (c >= 0x20 && c <= 0x2f)
        text->state = TEXT_CHARSET;
    else if (c != ESC)
        text->state = TEXT_PLAIN;
}

/* The byte after 0xc2: with 0x80 to 0x9f, a control character. */
static void
push_c1(TaskText *text, unsigned char c, GString *out)
{
    text->state = TEXT_PLAIN;
    if (c == 0x9b) { /* CSI */
        begin_sequence(text);
    } else if (c == 0x90 || c == 0x98 || (c >= 0x9d && c <= 0x9f)) {
        text->state = TEXT_STRING;
    } else if (c < 0x80 || c > 0x9f) {
        g_string_append_c(out, (char)0xc2);
        push_plain(text, c, out);
    }
}

static void
push_sequence(TaskText *text, unsigned char c, GString *out)
{
    if (c >= 0x40 && c <= 0x7e) {
        end_sequence(text, c, out);
    } else if (c < 0x20 || c >= 0x7f) { /* not a sequence after all */
        text->state = TEXT_PLAIN;
        push_plain(text, c, out);
    } else if (text->n_sequence < sizeof(text->sequence)) {
        text->sequence[text->n_sequence++] = (char)c;
    }
}

static void
push_string(TaskText *text, unsigned char c, GString *out)
{
    if (text->state == TEXT_STRING_ESCAPE && c != '\\') {
        text->state = TEXT_ESCAPE;
        push_escape(text, c);
    } else if (text->state == TEXT_STRING_ESCAPE || c == BEL) {
        text->state = TEXT_PLAIN;
    } else if (c == ESC) {
        text->state = TEXT_STRING_ESCAPE;
    } else if (c == '\n') { /* its end is missing */
        text->state = TEXT_PLAIN;
        g_string_append_c(out, '\n');
    }
}

void
task_text_push(TaskText *text, const char *bytes, size_t size, GString *out)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];

        switch (text->state) {
        case TEXT_PLAIN:
            push_plain(text, c, out);
            break;
        case TEXT_ESCAPE:
            push_escape(text, c);
            break;
        case TEXT_SEQUENCE:
            push_sequence(text, c, out);
            break;
        case TEXT_STRING:
        case TEXT_STRING_ESCAPE:
            push_string(text, c, out);
            break;
        case TEXT_CHARSET:
            text->state = c >= 0x20 && c <= 0x2f ? TEXT_CHARSET : TEXT_PLAIN;
            break;
        case TEXT_C1:
            push_c1(text, c, out);
            break;
        }
    }
}

void
task_text_end(TaskText *text, GString *out)
{
    if (text->state == TEXT_C1)
        g_string_append_c(out, (char)0xc2);
    if (text->is_colored)
        g_string_append(out, DAG_ANSI_RESET);
    *text = (TaskText){.keeps_color = text->keeps_color};
}

/* A place on the line: a character, with the colours that are set before and after it. */
typedef struct Cell {
    const char *bytes; /* of the line */
    size_t size;
} Cell;

/* The line as it is being written. */
typedef struct Line {
    GArray *cells; /* of Cell */
    size_t column;
    const char *colors; /* sequences before the next character, or NULL */
} Line;

/* Return the length of the character at the begin of a text, or of the sequence. */
static size_t
length_of(const char *at, size_t size)
{
    size_t n = 1;

    if (*at == ESC) {
        while (n < size && at[n] != 'm')
            n++;
        return MIN(n + 1, size);
    }
    while (n < size && ((unsigned char)at[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Colours belong to the character before them if they follow it directly, else to the next one. */
static void
put_color(Line *line, const char *at, size_t size)
{
    Cell *before =
        line->column > 0 ? &g_array_index(line->cells, Cell, line->column - 1) : NULL;

    if (before && before->bytes + before->size == at)
        before->size += size;
    else if (!line->colors)
        line->colors = at;
}

static void
put_character(Line *line, const char *at, size_t size)
{
    const char *begin = line->colors ? line->colors : at;
    Cell cell = {begin, (size_t)(at + size - begin)};

    line->colors = NULL;
    if (line->column < line->cells->len)
        g_array_index(line->cells, Cell, line->column) = cell;
    else
        g_array_append_val(line->cells, cell);
    line->column++;
}

static void
move_back(Line *line, char control)
{
    line->colors = NULL;
    if (control == '\r')
        line->column = 0;
    else
        line->column -= line->column > 0;
}

void
task_text_append_final(const char *text, size_t size, GString *out)
{
    Line line = {0};

    if (!memchr(text, '\r', size) && !memchr(text, '\b', size)) {
        g_string_append_len(out, text, (gssize)size);
        return;
    }
    line.cells = g_array_new(FALSE, FALSE, sizeof(Cell));
    for (size_t i = 0, n; i < size; i += n) {
        n = length_of(text + i, size - i);
        if (text[i] == '\r' || text[i] == '\b')
            move_back(&line, text[i]);
        else if (text[i] == ESC)
            put_color(&line, text + i, n);
        else
            put_character(&line, text + i, n);
    }
    for (guint i = 0; i < line.cells->len; i++) {
        const Cell *cell = &g_array_index(line.cells, Cell, i);

        g_string_append_len(out, cell->bytes, (gssize)cell->size);
    }
    g_array_unref(line.cells);
}
