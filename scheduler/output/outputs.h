/* SPDX-License-Identifier: MIT */
/*
 * What tasks said, kept for those that read it and no longer.  Thread-safe.
 */
#pragma once

#include "output/spool.h"

#include <dagrun/graph.h>

typedef struct Outputs Outputs;

/* Returns: an empty store, or NULL if the graph has no readers: then there is nothing to keep. */
Outputs *dag__outputs_new(const DagGraph *graph);
void dag__outputs_free(Outputs *outputs);

/*
 * Keeps the output of `id`, which is read, is not empty, and has lost nothing, instead of what an
 * earlier attempt may have said; takes it.
 */
void dag__outputs_take(Outputs *outputs, DagTaskId id, DagSpool *output);

/* Lets go of what an attempt of `id` said, before another one begins. */
void dag__outputs_forget(Outputs *outputs, DagTaskId id);

/* Tells that `id` is settled: what only it had still to read is let go. */
void dag__outputs_settle(Outputs *outputs, DagTaskId id);

/*
 * Returns: the output of `id` as text without its trailing newlines, free with g_free(); NULL
 *   with DAG_ERROR_INVALID if it holds a NUL byte or is too long, with DAG_ERROR_IO if it cannot
 *   be read.
 */
char *dag__outputs_text(Outputs *outputs, DagTaskId id, GError **error);

/* Returns: as dag_context_output_fd(). */
int dag__outputs_fd(Outputs *outputs, DagTaskId id, GError **error);
