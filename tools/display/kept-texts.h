/* SPDX-License-Identifier: MIT */
/*
 * Files with the text of failed tasks, which stay after the run: in a directory per run below
 * $XDG_STATE_HOME/dagrun/failures, or ~/.local/state/dagrun/failures.  Only the user may read them.
 */
#pragma once

#include <dagrun/execute.h>

typedef struct KeptTexts {
    char *directory; /* of this run; NULL: no file was needed yet */
} KeptTexts;

void kept_texts_clear(KeptTexts *kept);

/*
 * Write the text of the attempt of `event` to its task's file; attempts follow each other.  The first
 * file of a run makes the directory, and removes those of old runs: 20 runs with 256 MiB stay.
 *
 * Returns: the path of the file, to be freed with g_free(); NULL with DAG_ERROR_IO.
 */
char *kept_texts_add(KeptTexts *kept, const DagEvent *event, GError **error);
