/* SPDX-License-Identifier: MIT */
/*
 * The inside of a template, for the builder that resolves its references.
 */
#pragma once

#include "model/arena.h"

#include <dagrun/template.h>

/*
 * A stretch of literal text, or a reference.  While the graph is built, `task` of a reference
 * is the number of a name; the builder puts in the text of a parameter or the task's number.
 */
typedef struct DagSegment {
    const char *text; /* NULL: a reference */
    uint32_t length;  /* of text */
    uint32_t task;    /* of a reference */
} DagSegment;

struct DagTemplate {
    uint32_t n_segments;
    DagSegment segments[]; /* [n_segments] */
};

/* Told each reference; returns the number to stand for it. */
typedef uint32_t (*DagReferenceFound)(const char *name, size_t length, void *data);

/*
 * Parses `text` into a template in `arena`, telling `found` each reference.
 * Returns: the template, or NULL with DAG_ERROR_INVALID.
 */
DagTemplate *dag__template_parse(DagArena *arena, const char *text, DagReferenceFound found,
                                 void *data, GError **error);

/* Returns: a template that is one reference, to be resolved. */
DagTemplate *dag__template_of_reference(DagArena *arena, uint32_t reference);

/* Joins neighbouring literals, once references are resolved, so that a template without
 * outputs is one literal. */
void dag__template_settle(DagArena *arena, DagTemplate *text);
