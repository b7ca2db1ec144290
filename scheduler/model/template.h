/* SPDX-License-Identifier: MIT */
/*
 * The structure of a template, for the builder that resolves its references.
 */
#pragma once

#include "model/arena.h"

#include <dagrun/template.h>

/* `${x.outcome}` is the outcome of the task x. */
#define DAG__OUTCOME_SUFFIX ".outcome"

/* How the value of a reference is escaped. */
typedef enum SegmentEscape {
    SEGMENT_PLAIN,
    SEGMENT_URL,
    SEGMENT_JSON_STRING,
    SEGMENT_JSON_VALUE, /* checked, not changed */
    SEGMENT_XML,
} SegmentEscape;

/* Stands for `task` in literal text. */
#define SEGMENT_LITERAL UINT32_MAX

/*
 * Literal text, or a reference.  While the graph is built, `task` of a reference is the number of a
 * name; the builder replaces it by the text of a parameter or the number of a task.
 */
typedef struct DagSegment {
    const char *text; /* of a reference: the JSON pointer into the output, or NULL */
    union {
        uint32_t length; /* of a literal text */
        struct {
            bool is_outcome; /* a reference to the outcome of a task, not to its output */
            uint8_t escape;  /* a SegmentEscape */
        };
    };
    uint32_t task; /* of a reference; SEGMENT_LITERAL */
} DagSegment;

static inline bool
segment_is_literal(const DagSegment *segment)
{
    return segment->task == SEGMENT_LITERAL;
}

struct DagTemplate {
    uint32_t n_segments;
    DagSegment segments[]; /* [n_segments] */
};

/* Called for each reference, with a JSON pointer or without.  Returns the number to store in its
 * place. */
typedef uint32_t (*DagReferenceFound)(const char *name, size_t length, bool has_pointer,
                                      void *data);

/*
 * Parse `text` into a template in `arena`, and call `found` for each reference.
 * Returns: the template, or NULL with DAG_ERROR_INVALID.
 */
DagTemplate *dag__template_parse(DagArena *arena, const char *text, DagReferenceFound found,
                                 void *data, GError **error);

/* Return a template that is one reference, to be resolved. */
DagTemplate *dag__template_of_reference(DagArena *arena, uint32_t reference);

/*
 * Let the references in `template`, which was parsed from `text`, be escaped.
 * Returns: false with DAG_ERROR_INVALID if the text around them is not JSON, although it must be.
 */
bool dag__template_escape(DagTemplate *template, const char *text, DagEscape escape,
                          GError **error);

/* Append the value of a reference, escaped.
 * Returns: false with DAG_ERROR_INVALID if it is no JSON value, although it must be. */
bool dag__segment_append(const DagSegment *segment, const char *value, GString *out,
                         GError **error);

/* Join neighbouring literals once references are resolved, so that a template without outputs is
 * one literal. */
void dag__template_join(DagArena *arena, DagTemplate *text);
