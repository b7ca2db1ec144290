/* SPDX-License-Identifier: MIT */
/*
 * Values of a row, which may be absent.
 */
#pragma once

#include <dagrun/run.h>
#include <sqlite3.h>

/* Bind a text that lives until the row is stored, or NULL. */
static inline void
bind_text_or_null(sqlite3_stmt *row, int column, const char *text)
{
    if (text)
        sqlite3_bind_text(row, column, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(row, column);
}

/* Bind an exit code, or DAG_EXIT_NONE. */
static inline void
bind_code(sqlite3_stmt *row, int column, int exit_code)
{
    if (exit_code == DAG_EXIT_NONE)
        sqlite3_bind_null(row, column);
    else
        sqlite3_bind_int(row, column, exit_code);
}

/* Bind a time; below 0: there is none. */
static inline void
bind_time(sqlite3_stmt *row, int column, int64_t ns)
{
    if (ns < 0)
        sqlite3_bind_null(row, column);
    else
        sqlite3_bind_int64(row, column, ns);
}
