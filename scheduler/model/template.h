/* SPDX-License-Identifier: MIT */
/*
 * The structure of a template, for the builder that resolves its references.
 */
#pragma once

#include "model/arena.h"

#include <dagrun/template.h>

/* `${x.outcome}` is the outcome of the task x. */
#define DAG__OUTCOME_SUFFIX ".outcome"

/*
 * Literal text, or a reference.  While the graph is built, `task` of a reference is the number of a
 * name; the builder replaces it by the text of a parameter or the number of a task.
 */
typedef struct DagSegment {
    const char *text; /* NULL: a reference */
    union {
        uint32_t length; /* of text */
        bool is_outcome; /* a reference to the outcome of a task, not to its output */
    };
    uint32_t task; /* of a reference */
} DagSegment;

struct DagTemplate {
    uint32_t n_segments;
    DagSegment segments[]; /* [n_segments] */
};

/* Called for each reference.  Returns the number to store in its place. */
typedef uint32_t (*DagReferenceFound)(const char *name, size_t length, void *data);

/*
 * Parse `text` into a template in `arena`, and call `found` for each reference.
 * Returns: the template, or NULL with DAG_ERROR_INVALID.
 */
DagTemplate *dag__template_parse(DagArena *arena, const char *text, DagReferenceFound found,
                                 void *data, GError **error);

/* Return a template that is one reference, to be resolved. */
DagTemplate *dag__template_of_reference(DagArena *arena, uint32_t reference);

/* Join neighbouring literals once references are resolved, so that a template without outputs is
 * one literal. */
void dag__template_join(DagArena *arena, DagTemplate *text);
