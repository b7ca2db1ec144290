/* SPDX-License-Identifier: MIT */
/*
 * A table of aligned columns.  Its rows are produced twice, first to measure and then to write
 * them, so that a table of any length takes no memory but its text.
 */
#pragma once

#include "report/line.h"
#include "report/stream.h"

typedef struct Table Table;

typedef struct Column {
    const char *title; /* "" for none */
    bool is_number;    /* aligned right, and never cut */
} Column;

#define TABLE_MAX_COLUMNS 9

typedef struct TableSpec {
    const Column *columns; /* [n_columns] */
    size_t n_columns;      /* at most TABLE_MAX_COLUMNS */

    /* Produces the cells, row by row, with dag__table_cell(); the same cells at each call. */
    void (*rows)(Table *table, const void *data);
    const void *data;
} TableSpec;

/* Write the table.  If it is too wide for the screen, cut the widest texts. */
void dag__table_write(const TableSpec *spec, DagTextStyle style, GString *out);
void dag__table_write_to(const TableSpec *spec, DagTextStyle style, Stream *stream);

/* Return false once no more rows are wanted. */
bool dag__table_is_wanted(const Table *table);

/* Produce the next cell; the last cell of a row ends the row.  The text is cleaned. */
void dag__table_cell(Table *table, Tone tone, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same for a text, and for a number, without the cost of printf(). */
void dag__table_text(Table *table, Tone tone, const char *text);
void dag__table_number(Table *table, Tone tone, size_t number);

/* Produce a cell with a duration; below 0 ns, a dash. */
void dag__table_duration(Table *table, Tone tone, int64_t ns);
void dag__table_seconds(Table *table, Tone tone, double seconds);

/* Write a heading between two rows. */
void dag__table_heading(Table *table, const char *format, ...) G_GNUC_PRINTF(2, 3);
