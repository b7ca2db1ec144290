/* SPDX-License-Identifier: MIT */
/*
 * Secret values, and texts in which they are not shown.
 */
#pragma once

#include <dagrun/graph.h>

/* What stands in the place of a secret. */
#define DAG__MASKED "***"

/* The values of secret parameters.  Immutable: any thread. */
typedef struct DagMask DagMask;

/* Returns: NULL if no parameter is secret. */
DagMask *dag__mask_new(const DagParam *params, size_t n_params);
void dag__mask_free(DagMask *mask);

/* Masks `text` from `start` on.  `mask` may be NULL. */
void dag__mask_text(const DagMask *mask, GString *text, size_t start);

/* A text that comes in pieces; used by one thread.  A secret may be cut in two by them. */
typedef struct DagMaskStream {
    const DagMask *mask;
    GString
        *held; /* the end of what came, which may be the beginning of a secret; or NULL */
} DagMaskStream;

/* Appends to `out` what of `bytes` can be told by now. */
void dag__mask_push(DagMaskStream *stream, const char *bytes, size_t size, GString *out);

/* Appends the rest, and makes the stream ready for another text. */
void dag__mask_flush(DagMaskStream *stream, GString *out);
