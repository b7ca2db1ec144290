/* SPDX-License-Identifier: MIT */
/*
 * The files of one run: outputs of tasks that scripts read by name.  They are ordinary files with
 * the names of their tasks, in directories that only this run uses:
 *
 *   - in memory ($XDG_RUNTIME_DIR or /dev/shm) as long as outputs are small and there is room;
 *   - beside other temporary files ($TMPDIR, or else /var/tmp or /tmp) otherwise.
 *
 * A directory is made when the first file needs it.  A file stays until dag_run_files_remove(), so a
 * name never leads to another output.  Thread-safe.
 */
#pragma once

#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagRunFiles DagRunFiles; /* the named files of one run */

/* Choose the names of the directories; make none.  Free with dag_run_files_free(). */
DagRunFiles *dag_run_files_new(void);

/*
 * Remove the directories with all that they contain.  Call it after the run.  A process that was
 * forked after dag_run_files_new() may call it in place of one that died.
 */
void dag_run_files_remove(DagRunFiles *files);

/* Free the struct; does not remove the directories.  NULL is fine. */
void dag_run_files_free(DagRunFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagRunFiles, dag_run_files_free)

/*
 * Make an empty file called `name`, unless a call before has made it.
 * Returns: its absolute path, to be freed with g_free(); NULL with DAG_ERROR_IO.
 */
char *dag_run_files_add_empty(DagRunFiles *files, const char *name, DagReaders readers,
                              GError **error);

/*
 * Make a file called `name` with the text, unless a call before has made one for the same pointer.
 * `text` must live as long as `files`.
 * Returns: its absolute path, to be freed with g_free(); NULL with DAG_ERROR_IO.
 */
char *dag_run_files_add_text(DagRunFiles *files, const char *name, const char *text,
                             DagReaders readers, GError **error);

/*
 * Return a complaint about the variable TMPDIR if it does not name a directory, so that dagrun uses
 * /tmp instead; free with g_free().  NULL if it is good or not set.
 */
char *dag_run_files_check_tmpdir(void);

G_END_DECLS
