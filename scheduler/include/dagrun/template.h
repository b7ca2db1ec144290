/* SPDX-License-Identifier: MIT */
/*
 * Text with references, such as `render ${theme} ${select_skills}`.  In a graph, parameters are
 * replaced by their values; literal text and references to outputs of tasks remain.  Immutable;
 * owned by its graph.
 */
#pragma once

#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagTemplate DagTemplate; /* text with references */

/* How the values of references are escaped, so that they remain values in the text around them. */
typedef enum DagEscape {
    DAG_ESCAPE_NONE, /* they are inserted as they are */
    /* Percent-encoded, except a reference that begins the text. */
    DAG_ESCAPE_URL,
    /* The text is JSON: within a string they are escaped; alone they must be JSON values. */
    DAG_ESCAPE_JSON,
    DAG_ESCAPE_XML, /* with character references */
} DagEscape;

/* Return true if the text refers to no task, so that it is known before the run. */
bool dag_template_is_constant(const DagTemplate *text);

/* Return the text if it is constant, else NULL.  Borrowed from the graph.  O(1). */
const char *dag_template_constant(const DagTemplate *text);

/* Return the task if the template is one reference to its output; DAG_TASK_NONE if there is other text,
 * or the task is excluded. */
DagTaskId dag_template_task(const DagTemplate *text);

/* Return the output of a task (`${task}`, `${task#/json/pointer}`), or the word of its outcome (`${task.outcome}`): a borrowed
 * NUL-terminated string, or NULL with `error` set. */
typedef const char *(*DagReferenceText)(DagTaskId task, bool is_outcome, void *data,
                                        GError **error);

/*
 * Append the text to `out`; call `text_of` for each reference to a task.  Pointers are followed, and values
 * escaped, as the template says.
 * Returns: false with the error of `text_of`, or with DAG_ERROR_INVALID if a value does not fit.
 */
bool dag_template_expand(const DagTemplate *text, DagReferenceText text_of, void *data,
                         GString *out, GError **error);

G_END_DECLS
