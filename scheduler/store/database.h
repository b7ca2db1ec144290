/* SPDX-License-Identifier: MIT */
/*
 * One connection to the file of the store: opening it, its version, damage, and statements.  Used by one
 * thread at a time.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum DatabaseUse {
    DATABASE_READ,  /* it must exist */
    DATABASE_WRITE, /* it is created if it does not exist */
} DatabaseUse;

typedef struct Database {
    sqlite3 *sqlite;
    char *directory; /* owned */
    char *damaged;   /* owned: where a damaged file was moved to; NULL: there was none */
    int n_frames;    /* in the write-ahead log; written at each commit */
} Database;

/*
 * Open the store in a directory, and bring it to the version of this program.  With DATABASE_WRITE, a damaged
 * file is moved aside, and a new one begun.
 *
 * Returns: NULL with DAG_ERROR_IO if it cannot be opened, is locked, is damaged (DATABASE_READ), is of a newer
 *   version, or belongs to another user or program.
 */
Database *dag__database_open(const char *directory, DatabaseUse use, GError **error);

/* Return true if the directory has a store. */
bool dag__database_exists(const char *directory);

/* Close it.  NULL is fine.  Moves much of the write-ahead log into the file, so that the next one to open it has
 * little to read. */
void dag__database_close(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, dag__database_close)

/* Return the bytes of the file, without those in the write-ahead log; 0 on an error. */
int64_t dag__database_file_size(const Database *database);

/* Set an error that says why the last call of SQLite failed. */
void dag__database_fail(const Database *database, GError **error);

/* Execute statements that return nothing.  Returns: false with DAG_ERROR_IO. */
bool dag__database_run(const Database *database, const char *sql, GError **error);

/* Prepare a statement; finalize it.  Returns: NULL with DAG_ERROR_IO. */
sqlite3_stmt *dag__database_prepare(const Database *database, const char *sql,
                                    GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

/* Execute a statement that returns no rows, and reset it.  Returns: false with DAG_ERROR_IO. */
bool dag__database_step(const Database *database, sqlite3_stmt *statement, GError **error);

/* Step to the next row.  Returns: false at the end, or with DAG_ERROR_IO. */
bool dag__database_next(const Database *database, sqlite3_stmt *statement, GError **error);
