/* SPDX-License-Identifier: MIT */
/*
 * Reading the records of runs: the JSON that `dagrun --json` and `--timings` write.
 */
#pragma once

#include <dagrun/past-run.h>

/*
 * Read the record in the file `path`, which may be a pipe.  Memory: the text, and about 200 bytes a task.
 *
 * Returns: the record, free with dag_past_run_free(); or NULL with DAG_ERROR_IO if the file cannot be
 *   read, or DAG_ERROR_INVALID with "FILE:LINE: …" if it is no record of a run.
 */
DagPastRun *past_run_read(const char *path, GError **error);

/* The same for a text in memory of `size` bytes; `name` stands in messages. */
DagPastRun *past_run_parse(const char *name, const char *bytes, size_t size,
                           GError **error);
