/* SPDX-License-Identifier: MIT */
/*
 * What tasks said, kept for those that read it and no longer.  Thread-safe.
 */
#pragma once

#include <dagrun/graph.h>

typedef struct Outputs Outputs;

/* Returns: an empty store, or NULL if the graph has no readers: then there is nothing to keep. */
Outputs *dag__outputs_new(const DagGraph *graph);
void dag__outputs_free(Outputs *outputs);

/* Keeps the output of `id` if anybody may read it; takes the reference. */
void dag__outputs_take(Outputs *outputs, DagTaskId id, GBytes *output);

/* Tells that `id` is settled: what only it had still to read is let go. */
void dag__outputs_settle(Outputs *outputs, DagTaskId id);

/*
 * Returns: the output of `id` as text without its trailing newlines, borrowed until its readers
 *   are settled; NULL with DAG_ERROR_INVALID if it holds a NUL byte.
 */
const char *dag__outputs_text(Outputs *outputs, DagTaskId id, GError **error);

/* Returns: as dag_context_output_fd(). */
int dag__outputs_fd(Outputs *outputs, DagTaskId id, GError **error);
