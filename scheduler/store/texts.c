/* SPDX-License-Identifier: MIT */
#include "store/texts.h"

#include <dagrun/error.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* A shorter text is in the row of its task: a row of its own would take longer to write and to find. */
#define SHORT 512

/* A longer text is in a file: SQLite is slower than the file system from about this size on. */
#define LONG (64 << 10)

void
dag__texts_init(Texts *texts, Database *database)
{
    *texts = (Texts){.database = database};
}

void
dag__texts_clear(Texts *texts)
{
    g_clear_pointer(&texts->add, sqlite3_finalize);
    g_clear_pointer(&texts->find, sqlite3_finalize);
}

void
dag__texts_digest(const char *bytes, size_t size, uint8_t *digest_out)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize length = TEXT_DIGEST;

    g_checksum_update(checksum, (const guchar *)bytes, (gssize)size);
    g_checksum_get_digest(checksum, digest_out, &length);
}

/* Return the name of the file with this digest: texts/0a/1b2c…; free it with g_free(). */
static char *
file_of(const Texts *texts, const uint8_t *name)
{
    g_autoptr(GString) hex = g_string_new(NULL);
    g_autofree char *first = g_strdup_printf("%02x", name[0]);

    for (int i = 1; i < TEXT_DIGEST; i++)
        g_string_append_printf(hex, "%02x", name[i]);
    return g_build_filename(texts->database->directory, "texts", first, hex->str, NULL);
}

/* Return true if the file is there, with the size of the text.  It had a temporary name until it was complete. */
static bool
has_file(const char *path, const GString *text)
{
    GStatBuf info;

    return g_lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           (size_t)info.st_size == text->len;
}

/* Write a file under a temporary name, and give it its own, unless an equal text has written it. */
static bool
write_file(const Texts *texts, const uint8_t *name, const GString *text, GError **error)
{
    g_autofree char *path = file_of(texts, name);
    g_autofree char *directory = g_path_get_dirname(path);
    g_autoptr(GError) problem = NULL;

    if (has_file(path, text))
        return true;
    if (g_mkdir_with_parents(directory, 0700) == 0 &&
        g_file_set_contents_full(path, text->str, (gssize)text->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &problem))
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "the store \"%s\": %s",
                texts->database->directory, problem ? problem->message : g_strerror(errno));
    return false;
}

void
dag__texts_remove_file(const Texts *texts, const uint8_t *name)
{
    g_autofree char *path = file_of(texts, name);

    g_unlink(path);
}

/* Add a row for the text, or count one more use of the one there is. */
static bool
add(Texts *texts, const uint8_t *name, const GString *text, GError **error)
{
    bool is_long = text->len > LONG;

    if (!texts->add)
        texts->add =
            dag__database_prepare(texts->database,
                                  "INSERT INTO text VALUES (?, ?, ?, 1)"
                                  " ON CONFLICT (digest) DO UPDATE SET uses = uses + 1",
                                  error);
    if (!texts->add || (is_long && !write_file(texts, name, text, error)))
        return false;
    sqlite3_bind_blob(texts->add, 1, name, TEXT_DIGEST, SQLITE_STATIC);
    sqlite3_bind_int64(texts->add, 2, (int64_t)text->len);
    if (is_long)
        sqlite3_bind_null(texts->add, 3);
    else
        sqlite3_bind_blob(texts->add, 3, text->str, (int)text->len, SQLITE_STATIC);
    return dag__database_step(texts->database, texts->add, error);
}

bool
dag__texts_bind(Texts *texts, sqlite3_stmt *statement, int column, const GString *text,
                GError **error)
{
    uint8_t name[TEXT_DIGEST];

    if (!text) {
        sqlite3_bind_null(statement, column);
        return true;
    }
    g_assert(text->len <= TEXT_MOST);
    if (text->len <= SHORT) {
        sqlite3_bind_text(statement, column, text->str, (int)text->len, SQLITE_STATIC);
        return true;
    }
    dag__texts_digest(text->str, text->len, name);
    sqlite3_bind_blob(statement, column, name, TEXT_DIGEST, SQLITE_TRANSIENT);
    return add(texts, name, text, error);
}

/* Return the text that the row of `texts->find` has or names; NULL if it cannot be read. */
static GString *
read_found(const Texts *texts, const uint8_t *name)
{
    g_autofree char *path = NULL, *bytes = NULL;
    gsize size;

    if (sqlite3_column_type(texts->find, 1) != SQLITE_NULL)
        return g_string_new_len(sqlite3_column_blob(texts->find, 1),
                                sqlite3_column_bytes(texts->find, 1));
    path = file_of(texts, name);
    if (!g_file_get_contents(path, &bytes, &size, NULL))
        return NULL;
    return g_string_new_len(bytes, (gssize)size);
}

GString *
dag__texts_read(Texts *texts, sqlite3_stmt *statement, int column)
{
    const uint8_t *name;
    uint8_t found[TEXT_DIGEST];
    g_autoptr(GString) text = NULL;

    if (sqlite3_column_type(statement, column) == SQLITE_TEXT)
        return g_string_new_len((const char *)sqlite3_column_text(statement, column),
                                sqlite3_column_bytes(statement, column));
    name = sqlite3_column_blob(statement, column);
    if (!name || sqlite3_column_bytes(statement, column) != TEXT_DIGEST)
        return NULL;
    if (!texts->find)
        texts->find = dag__database_prepare(
            texts->database, "SELECT size, bytes FROM text WHERE digest = ?", NULL);
    if (!texts->find)
        return NULL;
    sqlite3_bind_blob(texts->find, 1, name, TEXT_DIGEST, SQLITE_STATIC);
    if (sqlite3_step(texts->find) == SQLITE_ROW)
        text = read_found(texts, name);
    sqlite3_reset(texts->find);
    if (!text)
        return NULL;
    dag__texts_digest(text->str, text->len, found);
    return memcmp(found, name, TEXT_DIGEST) == 0 ? g_steal_pointer(&text) : NULL;
}
