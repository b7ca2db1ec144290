/* SPDX-License-Identifier: MIT */
/*
 * Numbers of outcomes and of reasons to stop are those of DagOutcome and DagStop.  Times are nanoseconds since
 * the run began.
 *
 * A text of a task (output, transcript) is in its row if it is short, and of type TEXT; otherwise a BLOB, the
 * SHA-256 of a row of `text`, in which `bytes` is NULL if they are in a file.
 */
#include "store/tables.h"

#include <glib.h>

const char *const dag__store_steps[] = {
    /* A random number, with which secrets are hashed where a digest depends on them. */
    "CREATE TABLE store (salt BLOB NOT NULL);"
    "INSERT INTO store VALUES (randomblob(32));"
    "CREATE TABLE graph (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT "
    "NULL);"
    /* The newest run is never removed, so no number is used again.  A run without duration_ns has not ended, or was killed. */
    "CREATE TABLE run (id INTEGER PRIMARY KEY, graph INTEGER NOT NULL,"
    " digest BLOB, started_us INTEGER NOT NULL, strategy TEXT NOT NULL,"
    " workers INTEGER NOT NULL, connections INTEGER NOT NULL, tasks INTEGER NOT NULL,"
    " host TEXT NOT NULL, version TEXT NOT NULL, process INTEGER NOT NULL,"
    " process_start INTEGER NOT NULL, parameters TEXT NOT NULL, duration_ns INTEGER,"
    " makespan_ns INTEGER, stop INTEGER, signal INTEGER, succeeded INTEGER,"
    " n_succeeded INTEGER, failed TEXT, summary TEXT);"
    "CREATE INDEX run_of_graph ON run (graph, id);"
    /* `number`: the position of its declaration.  `key`: a digest of all that decides what it does,
     * and its parts for people.  `source`: the run from which its result was taken over. */
    "CREATE TABLE task (run INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,"
    " phase INTEGER NOT NULL, outcome INTEGER NOT NULL, allowed INTEGER NOT NULL,"
    " start_ns INTEGER, end_ns INTEGER, busy_ns INTEGER, attempts INTEGER NOT NULL,"
    " exit_code INTEGER, reason TEXT, expected REAL, paid REAL, key BLOB, parts TEXT, "
    "output,"
    " transcript, source INTEGER, PRIMARY KEY (run, number)) WITHOUT ROWID;"
    /* Attempts that another one followed. */
    "CREATE TABLE attempt (run INTEGER NOT NULL, task INTEGER NOT NULL,"
    " number INTEGER NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, exit_code INTEGER, reason TEXT, transcript,"
    " PRIMARY KEY (run, task, number)) WITHOUT ROWID;"
    /* `uses`: the number of rows that refer to it. */
    "CREATE TABLE text (digest BLOB PRIMARY KEY, size INTEGER NOT NULL, bytes BLOB,"
    " uses INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX text_in_file ON text (size) WHERE bytes IS NULL;",
    /* `resumed`: the run from which this one takes over results.  The salt is a file (salt.c). */
    "ALTER TABLE run ADD COLUMN resumed INTEGER;"
    "DROP TABLE store;",
    /* `made_us`: the time at which the result of a task with a cache was made, in microseconds since 1970, also in
     * runs that took it over.  Other tasks have none, so that they cost no entry of the index. */
    "ALTER TABLE task ADD COLUMN made_us INTEGER;"
    "CREATE INDEX cached_result ON task (key, made_us) WHERE made_us IS NOT NULL;",
    /* `files`: digests and stamps of the declared outputs, in the form of DagKept.files. */
    "ALTER TABLE task ADD COLUMN files TEXT;",
    /* `n_reused`: those of n_succeeded whose results were taken over.  It is 0 until the run has ended. */
    "ALTER TABLE run ADD COLUMN n_reused INTEGER NOT NULL DEFAULT 0;"
    "UPDATE run SET n_reused = (SELECT count(*) FROM task WHERE run = run.id AND source IS "
    "NOT NULL);",
};

const int dag__store_version = G_N_ELEMENTS(dag__store_steps);
