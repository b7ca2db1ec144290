/* SPDX-License-Identifier: MIT */
/*
 * Texts in the store.  Equal texts are stored once, under their SHA-256: small ones in the database, large ones in
 * files beside it.  Every text is checked against its digest when it is read.
 */
#pragma once

#include "store/database.h"

/* The bytes of a SHA-256. */
#define TEXT_DIGEST 32

/* Longer texts are not stored. */
#define TEXT_MOST (16 << 20)

/* Set digest_out[TEXT_DIGEST] to the SHA-256 of the bytes. */
void dag__texts_digest(const char *bytes, size_t size, uint8_t *digest_out);

typedef struct Texts {
    Database *database; /* borrowed */
    /* NULL until it is needed: many runs have short texts only */
    sqlite3_stmt *add, *find;
} Texts;

/* Begin to write texts, or to read them. */
void dag__texts_init(Texts *texts, Database *database);

/* Finalize the statements. */
void dag__texts_clear(Texts *texts);

/* Store a text within the transaction under way, and bind it to a column.  `text`, at most TEXT_MOST bytes, must live
 * until the statement was executed; NULL binds NULL.  Returns: false with DAG_ERROR_IO. */
bool dag__texts_bind(Texts *texts, sqlite3_stmt *statement, int column, const GString *text,
                     GError **error);

/* Remove the file of a text, name[TEXT_DIGEST], if it has one. */
void dag__texts_remove_file(const Texts *texts, const uint8_t *name);

/* Return the text of a column; NULL if there is none, or if it is not what was stored.  Free it with
 * g_string_free(). */
GString *dag__texts_read(Texts *texts, sqlite3_stmt *statement, int column);
