/* SPDX-License-Identifier: MIT */
/*
 * A table of aligned columns.  Its rows are told twice, first to be measured and then to be
 * written, so that a table of any length takes no memory but its text.
 */
#pragma once

#include "report/text.h"

typedef struct Table Table;

typedef struct Column {
    const char *title; /* "" for none */
    bool is_number;    /* aligned right, and never cut */
} Column;

#define TABLE_MAX_COLUMNS 9

typedef struct TableSpec {
    const Column *columns; /* [n_columns] */
    size_t n_columns;      /* at most TABLE_MAX_COLUMNS */

    /* Tells the cells, row by row, with dag__table_cell(); the same ones each time. */
    void (*rows)(Table *table, const void *data);
    const void *data;
} TableSpec;

/* Writes the table; where it is too wide for the screen, its widest texts are cut. */
void dag__table_write(const TableSpec *spec, DagTextStyle style, GString *out);

/* Tells the next cell; the last one of a row ends it.  The text is cleaned. */
void dag__table_cell(Table *table, Tone tone, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* As dag__table_cell(), for durations; of less than 0 ns: a dash. */
void dag__table_duration(Table *table, Tone tone, int64_t ns);
void dag__table_seconds(Table *table, Tone tone, double seconds);

/* Puts a heading between rows. */
void dag__table_heading(Table *table, const char *format, ...) G_GNUC_PRINTF(2, 3);
