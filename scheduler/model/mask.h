/* SPDX-License-Identifier: MIT */
/*
 * Masking of secret values in text.
 *
 * It is part of the model, not of output/: the secrets are parameters of the graph, and the
 * descriptions of its tasks hide them without any run.
 */
#pragma once

#include <dagrun/graph.h>
#include <dagrun/text.h>

/* The replacement of a secret. */
#define DAG__MASKED "***"

/* Fewer characters than this occur in ordinary text too often to be hidden there. */
#define DAG__MASK_LEAST 4

/* Return true if a secret with this value is hidden: blanks around it do not count. */
bool dag__mask_hides(const char *value);

/* Return the mask of the secret parameters, or NULL if there are none. */
DagMask *dag__mask_new(const DagParam *params, size_t n_params);

/* Return a new reference.  `mask` may be NULL. */
DagMask *dag__mask_ref(DagMask *mask);

/* A text that comes in pieces, which may cut a secret in two.  Used by one thread. */
typedef struct DagMaskStream {
    const DagMask *mask;
    GString *held;  /* the end of the text, which may be the begin of a secret; or NULL */
    GArray *spans;  /* of the held text: the parts that are hidden, in order */
    uint32_t state; /* of the automaton, after the held text */
} DagMaskStream;

/* Add `bytes` to the text; append to `out` the part that can no longer be a secret. */
void dag__mask_push(DagMaskStream *stream, const char *bytes, size_t size, GString *out);

/* Append the rest to `out`, and make the stream ready for another text. */
void dag__mask_flush(DagMaskStream *stream, GString *out);
