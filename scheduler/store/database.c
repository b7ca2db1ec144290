/* SPDX-License-Identifier: MIT */
/*
 * The file has a write-ahead log: readers do not wait for writers, and a commit is one write() without waiting for the
 * disk.  The log is moved into the file at times, and only then both are synchronized, so that a power cut may lose the
 * last commits, but never damages the file.
 *
 * A process that dies leaves nothing locked and nothing to repair.
 */
#include "store/database.h"

#include "store/tables.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "runs.db"
#define LOCK_NAME "runs.lock"

/* For another run that writes at the same moment; its commits take a few milliseconds at most.  More than that
 * would be noticed. */
#define BUSY_MS 500

/* The log is moved into the file when it has so many pages of 4 KiB, as SQLite does by default. */
#define MOST_FRAMES 1000

/* At the end, a log up to this length is left: the next process reads it in 0.2 ms, and moving it costs waiting for
 * the disk.  A small run writes four pages. */
#define FEW_FRAMES 100

void
dag__database_fail(const Database *database, GError **error)
{
    int code = sqlite3_extended_errcode(database->sqlite);
    int problem = sqlite3_system_errno(database->sqlite);
    const char *text = sqlite3_errmsg(database->sqlite);

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        text = "it is locked by another process";
        break;
    case SQLITE_FULL:
        text = "the disk is full";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        text = "it is damaged";
        break;
    case SQLITE_READONLY:
        text = "it cannot be written";
        break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        text = problem ? g_strerror(problem) : text;
        break;
    default:
        break;
    }
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "the store \"%s\": %s", database->directory,
                text);
}

static void
fail_with(const Database *database, GError **error, const char *text)
{
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "the store \"%s\": %s", database->directory,
                text);
}

bool
dag__database_run(const Database *database, const char *sql, GError **error)
{
    if (sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    dag__database_fail(database, error);
    return false;
}

sqlite3_stmt *
dag__database_prepare(const Database *database, const char *sql, GError **error)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v3(database->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                           NULL) != SQLITE_OK)
        dag__database_fail(database, error);
    return statement;
}

bool
dag__database_step(const Database *database, sqlite3_stmt *statement, GError **error)
{
    bool good = sqlite3_step(statement) == SQLITE_DONE;

    if (!good)
        dag__database_fail(database, error);
    sqlite3_reset(statement);
    return good;
}

bool
dag__database_next(const Database *database, sqlite3_stmt *statement, GError **error)
{
    int code = sqlite3_step(statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        dag__database_fail(database, error);
    return code == SQLITE_ROW;
}

/* Return the value of a pragma in *value_out.  Returns: the code of SQLite. */
static int
read_pragma(sqlite3 *sqlite, const char *sql, int *value_out)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *value_out = sqlite3_column_int(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code;
}

/* Bring the tables to the version of this program, in a transaction: two processes may do it at once. */
static bool
migrate_locked(const Database *database, GError **error)
{
    g_autofree char *numbers = NULL;
    int version;

    if (read_pragma(database->sqlite, "PRAGMA user_version", &version) != SQLITE_OK) {
        dag__database_fail(database, error);
        return false;
    }
    for (; version < dag__store_version; version++)
        if (!dag__database_run(database, dag__store_steps[version], error))
            return false;
    numbers =
        g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                        STORE_APPLICATION, dag__store_version);
    return dag__database_run(database, numbers, error);
}

static bool
migrate(const Database *database, GError **error)
{
    if (!dag__database_run(database, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", error))
        return false;
    if (migrate_locked(database, error))
        return true;
    sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* Check the version of the file, and make it the current one. */
static bool
check_version(const Database *database, GError **error)
{
    int version = 0, application = 0;

    if (read_pragma(database->sqlite, "PRAGMA user_version", &version) != SQLITE_OK ||
        read_pragma(database->sqlite, "PRAGMA application_id", &application) != SQLITE_OK) {
        dag__database_fail(database, error);
        return false;
    }
    if (application != STORE_APPLICATION && (application != 0 || version != 0)) {
        fail_with(database, error, FILE_NAME " belongs to another program");
        return false;
    }
    if (version > dag__store_version) {
        fail_with(database, error, "it was written by a newer version of dagrun");
        return false;
    }
    return version == dag__store_version || migrate(database, error);
}

/* The callback of SQLite after a commit. */
static int
note_frames(void *data, sqlite3 *sqlite, const char *name, int n_frames)
{
    Database *database = data;

    database->n_frames = n_frames;
    if (n_frames >= MOST_FRAMES)
        sqlite3_wal_checkpoint_v2(sqlite, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

/* Open the file.  It is created with a mode that SQLite gives its other files, too. */
static bool
open_file(Database *database, DatabaseUse use, GError **error)
{
    g_autofree char *path = g_build_filename(database->directory, FILE_NAME, NULL);
    int fd = use == DATABASE_WRITE ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    int code = sqlite3_open_v2(path, &database->sqlite,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (fd >= 0)
        close(fd);
    if (code != SQLITE_OK) {
        dag__database_fail(database, error);
        return false;
    }
    sqlite3_busy_timeout(database->sqlite, BUSY_MS);
    sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_wal_hook(database->sqlite, note_frames, database);
    return dag__database_run(database,
                             "PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON",
                             error) &&
           check_version(database, error);
}

/* Return true if the last call failed since the file is damaged. */
static bool
is_damaged(const Database *database)
{
    int code = database->sqlite ? sqlite3_errcode(database->sqlite) : SQLITE_OK;

    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* Make the directory, and check that it is ours. */
static bool
check_directory(const Database *database, DatabaseUse use, GError **error)
{
    struct stat info;

    if ((use == DATABASE_WRITE && g_mkdir_with_parents(database->directory, 0700) < 0) ||
        stat(database->directory, &info) < 0) {
        fail_with(database, error, g_strerror(errno));
        return false;
    }
    if (info.st_uid == geteuid())
        return true;
    fail_with(database, error, "it belongs to another user");
    return false;
}

/* Move one file aside; it may not exist. */
static void
move_aside(const Database *database, const char *name, const char *suffix)
{
    g_autofree char *from = g_build_filename(database->directory, name, NULL);
    g_autofree char *to = g_strconcat(from, suffix, NULL);

    rename(from, to);
}

/* Move the files aside: first the log, which must never be taken for that of a new file. */
static void
move_all_aside(Database *database)
{
    const char *suffix = ".damaged";

    move_aside(database, FILE_NAME "-wal", suffix);
    move_aside(database, FILE_NAME "-shm", suffix);
    move_aside(database, FILE_NAME, suffix);
    database->damaged = g_build_filename(database->directory, FILE_NAME ".damaged", NULL);
}

/* Lock the store against other processes that replace a damaged file.  The lock is on a file of its own: the directory
 * may be one that this run itself has locked.  Returns: the descriptor that holds it; -1 with an error. */
static int
lock(const Database *database, GError **error)
{
    g_autofree char *path = g_build_filename(database->directory, LOCK_NAME, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    int result = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);

    for (int i = 0; fd >= 0 && result < 0 && errno == EWOULDBLOCK && i < BUSY_MS; i++) {
        g_usleep(1000);
        result = flock(fd, LOCK_EX | LOCK_NB);
    }
    if (result == 0)
        return fd;
    fail_with(database, error,
              errno == EWOULDBLOCK ? "it is locked by another process" : g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Open the file again, alone: another process may have moved the damaged one aside meanwhile. */
static bool
replace_damaged(Database *database, GError **error)
{
    int fd = lock(database, error);
    bool good;

    if (fd < 0)
        return false;
    g_clear_pointer(&database->sqlite, sqlite3_close_v2);
    good = open_file(database, DATABASE_WRITE, error);
    if (!good && is_damaged(database)) {
        g_clear_error(error);
        g_clear_pointer(&database->sqlite, sqlite3_close_v2);
        move_all_aside(database);
        good = open_file(database, DATABASE_WRITE, error);
    }
    close(fd);
    return good;
}

Database *
dag__database_open(const char *directory, DatabaseUse use, GError **error)
{
    g_autoptr(Database) database = g_new0(Database, 1);
    g_autoptr(GError) problem = NULL;
    bool good;

    database->directory = g_strdup(directory);
    if (!check_directory(database, use, error))
        return NULL;
    good = open_file(database, use, &problem);
    if (!good && use == DATABASE_WRITE && is_damaged(database)) {
        g_clear_error(&problem);
        good = replace_damaged(database, &problem);
    }
    if (!good)
        g_propagate_error(error, g_steal_pointer(&problem));
    return good ? g_steal_pointer(&database) : NULL;
}

bool
dag__database_exists(const char *directory)
{
    g_autofree char *path = g_build_filename(directory, FILE_NAME, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

int64_t
dag__database_file_size(const Database *database)
{
    struct stat info;

    return stat(sqlite3_db_filename(database->sqlite, "main"), &info) == 0 ? info.st_size
                                                                           : 0;
}

void
dag__database_close(Database *database)
{
    if (!database)
        return;
    /* The next process does not know how much of the log is in the file already, so it is emptied; but this one does
     * not wait for others that use it. */
    if (database->n_frames > FEW_FRAMES) {
        sqlite3_busy_timeout(database->sqlite, 0);
        sqlite3_wal_checkpoint_v2(database->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                  NULL);
    }
    sqlite3_close_v2(database->sqlite);
    g_free(database->directory);
    g_free(database->damaged);
    g_free(database);
}
