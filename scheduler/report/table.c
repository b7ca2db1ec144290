/* SPDX-License-Identifier: MIT */
/*
 * Two passes over the rows: the first measures the columns, the second writes them.  In between,
 * columns of text are narrowed, the widest first, until a line fits on the screen.
 */
#include "report/table.h"

#include <dagrun/duration.h>
#include <string.h>

enum {
    INDENT = 2,
    GAP = 2,
    NARROWEST = 6, /* shorter texts are useless; the line may be too long then */
};

struct Table {
    const TableSpec *spec;
    DagTextStyle style;
    Stream *out;   /* NULL in the first pass */
    GString *text; /* of the current cell */
    size_t column; /* of the next cell */
    size_t blank;  /* pending blanks; not written at the end of a line */
    size_t width[TABLE_MAX_COLUMNS];
};

static void
append_blanks(Stream *out, size_t n)
{
    char *at = stream_reserve(out, n);

    memset(at, ' ', n);
    stream_end(out, at + n);
}

static void
write_cell(Table *table, Tone tone)
{
    bool is_number = table->spec->columns[table->column].is_number;
    size_t width = table->width[table->column];
    size_t text_width = dag_text_width(table->text->str);
    GString *out = table->out->text;

    table->blank += table->column == 0 ? INDENT : GAP;
    if (table->text->len == 0) {
        table->blank += width;
        return;
    }
    if (is_number)
        table->blank += width - text_width;
    append_blanks(table->out, table->blank);
    dag__text_begin(out, table->style, tone);
    if (text_width <= width)
        g_string_append_len(out, table->text->str, (gssize)table->text->len);
    else
        text_width = dag_text_append_fitted(out, table->text->str, width);
    dag__text_end(out, table->style, tone);
    table->blank = is_number ? 0 : width - text_width;
}

static void
end_cell(Table *table, Tone tone)
{
    size_t *width = &table->width[table->column];

    if (table->out)
        write_cell(table, tone);
    else
        *width = MAX(*width, dag_text_width(table->text->str));
    if (++table->column < table->spec->n_columns)
        return;
    if (table->out) {
        g_string_append_c(table->out->text, '\n');
        stream_relieve(table->out);
    }
    table->column = table->blank = 0;
}

void
dag__table_cell(Table *table, Tone tone, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);

    dag__table_text(table, tone, text);
}

void
dag__table_text(Table *table, Tone tone, const char *text)
{
    g_string_truncate(table->text, 0);
    dag__text_append_safe(table->text, table->style, text);
    end_cell(table, tone);
}

void
dag__table_number(Table *table, Tone tone, size_t number)
{
    char digits[MAX_DIGITS];
    char *end = dag__put_digits(digits, number, 1);

    g_string_truncate(table->text, 0);
    g_string_append_len(table->text, digits, end - digits);
    end_cell(table, tone);
}

void
dag__table_duration(Table *table, Tone tone, int64_t ns)
{
    char buffer[DAG_DURATION_SIZE];

    g_string_assign(table->text, ns < 0 ? "–" : dag_duration_format(ns, buffer));
    end_cell(table, tone);
}

void
dag__table_seconds(Table *table, Tone tone, double seconds)
{
    g_string_truncate(table->text, 0);
    dag__text_append_seconds(table->text, seconds);
    end_cell(table, tone);
}

void
dag__table_heading(Table *table, const char *format, ...)
{
    va_list args;

    if (!table->out)
        return;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);

    g_string_append_c(table->out->text, '\n');
    dag__text_line(table->out->text, table->style, TONE_BOLD, "%s", text);
}

/* Return the width of the column to narrow next, or NULL if none can be narrowed. */
static size_t *
widest_text(Table *table)
{
    size_t *widest = NULL;

    for (size_t i = 0; i < table->spec->n_columns; i++)
        if (!table->spec->columns[i].is_number && table->width[i] > NARROWEST &&
            (!widest || table->width[i] >= *widest))
            widest = &table->width[i];
    return widest;
}

static void
fit_to_screen(Table *table)
{
    size_t total = INDENT + GAP * (table->spec->n_columns - 1);
    size_t *widest;

    for (size_t i = 0; i < table->spec->n_columns; i++)
        total += table->width[i];
    for (; total > table->style.width && (widest = widest_text(table)); total--)
        (*widest)--;
}

static void
write_titles(Table *table)
{
    for (size_t i = 0; i < table->spec->n_columns; i++)
        dag__table_text(table, TONE_DIM, table->spec->columns[i].title);
}

void
dag__table_write_to(const TableSpec *spec, DagTextStyle style, Stream *stream)
{
    Table table = {.spec = spec, .style = style, .text = g_string_new(NULL)};
    bool has_titles = false;

    g_assert(spec->n_columns <= TABLE_MAX_COLUMNS);
    for (size_t i = 0; i < spec->n_columns; i++) {
        has_titles |= *spec->columns[i].title != '\0';
        table.width[i] = dag_text_width(spec->columns[i].title);
    }
    spec->rows(&table, spec->data);
    if (style.width > 0)
        fit_to_screen(&table);

    table.out = stream;
    if (has_titles)
        write_titles(&table);
    spec->rows(&table, spec->data);
    g_string_free(table.text, TRUE);
}

void
dag__table_write(const TableSpec *spec, DagTextStyle style, GString *out)
{
    dag__table_write_to(spec, style, &(Stream){.text = out});
}

bool
dag__table_is_wanted(const Table *table)
{
    return !table->out || !table->out->is_over;
}
