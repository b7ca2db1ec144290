/* SPDX-License-Identifier: MIT */
/*
 * The outputs of tasks, stored until all their readers have ended.  Thread-safe.
 */
#pragma once

#include "output/run-files.h"

#include <dagrun/graph.h>

typedef struct Outputs Outputs;

/* Create an empty store; NULL if no task of the graph reads an output. */
Outputs *dag__outputs_new(const DagGraph *graph);
void dag__outputs_free(Outputs *outputs);

/*
 * Store the output of `id`, replacing that of an earlier attempt.  Takes ownership.  The output
 * must not be empty and must have lost no bytes.
 */
void dag__outputs_take(Outputs *outputs, DagTaskId id, DagSpool *output);

/* Free the output of an attempt of `id` before the next attempt begins. */
void dag__outputs_forget(Outputs *outputs, DagTaskId id);

/* Free the outputs that no task reads any more, now that `id` has ended. */
void dag__outputs_task_ended(Outputs *outputs, DagTaskId id);

/*
 * Return the output of `id` as text without its trailing newlines; free with g_free().
 * Returns: NULL with DAG_ERROR_INVALID if it has a NUL byte or is too long, with DAG_ERROR_IO if
 *   it cannot be read.
 */
char *dag__outputs_text(Outputs *outputs, DagTaskId id, GError **error);

/* The bytes of a digest of an output: SHA-256. */
#define DAG__OUTPUT_DIGEST 32

/* Fill digest_out[DAG__OUTPUT_DIGEST] with the digest of the whole output, which is computed once.
 * Returns: false with DAG_ERROR_IO. */
bool dag__outputs_digest(Outputs *outputs, DagTaskId id, uint8_t *digest_out,
                         GError **error);

/* Open the output; see dag_context_open_output(). */
int dag__outputs_open(Outputs *outputs, DagTaskId id, GError **error);

/* Return the path of a file with the output; see dag_context_output_file(). */
char *dag__outputs_file(Outputs *outputs, DagTaskId id, DagRunFiles *files, GError **error);
