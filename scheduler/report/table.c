/* SPDX-License-Identifier: MIT */
/*
 * Two passes over the rows: the first measures the columns, the second writes them.  In between,
 * columns of text are narrowed, the widest first, until a line fits on the screen.
 */
#include "report/table.h"

#include <dagrun/duration.h>

enum {
    INDENT = 2,
    GAP = 2,
    NARROWEST = 6, /* shorter texts are useless; the line may be too long then */
};

struct Table {
    const TableSpec *spec;
    DagTextStyle style;
    GString *out;  /* NULL in the first pass */
    GString *text; /* of the current cell */
    size_t column; /* of the next cell */
    size_t blank;  /* pending blanks; not written at the end of a line */
    size_t width[TABLE_MAX_COLUMNS];
};

static void
append_blanks(GString *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g_string_append_c(out, ' ');
}

static void
write_cell(Table *table, Tone tone)
{
    bool is_number = table->spec->columns[table->column].is_number;
    size_t width = table->width[table->column];

    table->blank += table->column == 0 ? INDENT : GAP;
    if (table->text->len == 0) {
        table->blank += width;
        return;
    }
    if (is_number)
        table->blank += width - dag_text_width(table->text->str);
    append_blanks(table->out, table->blank);
    dag__text_begin(table->out, table->style, tone);
    table->blank = width - dag_text_append_fitted(table->out, table->text->str, width);
    dag__text_end(table->out, table->style, tone);
    if (is_number)
        table->blank = 0;
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
    if (table->out)
        g_string_append_c(table->out, '\n');
    table->column = table->blank = 0;
}

void
dag__table_cell(Table *table, Tone tone, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);

    g_string_truncate(table->text, 0);
    dag_text_append_clean(table->text, text);
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

    g_string_append_c(table->out, '\n');
    dag__text_line(table->out, table->style, TONE_BOLD, "%s", text);
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
        dag__table_cell(table, TONE_DIM, "%s", table->spec->columns[i].title);
}

void
dag__table_write(const TableSpec *spec, DagTextStyle style, GString *out)
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

    table.out = out;
    if (has_titles)
        write_titles(&table);
    spec->rows(&table, spec->data);
    g_string_free(table.text, TRUE);
}
