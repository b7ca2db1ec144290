/* SPDX-License-Identifier: MIT */
/*
 * Text with references, such as `render ${theme} ${select_skills}`.  Parameters are values by the
 * time a graph exists, so what remains is literal text and outputs of tasks.  Immutable;
 * owned by its graph.
 */
#pragma once

#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagTemplate DagTemplate; /* text with references */

/* Returns: whether the text is known before the run, that is, refers to no output. */
bool dag_template_is_constant(const DagTemplate *text);

/*
 * Returns: the text if it is constant, else NULL.  Borrowed from the graph; costs nothing.
 */
const char *dag_template_constant(const DagTemplate *text);

/* Returns: the task that the whole template stands for, or DAG_TASK_NONE: there is other text
 * too, or the task is excluded. */
DagTaskId dag_template_task(const DagTemplate *text);

/* What a template reads an output from.  Returns a borrowed, NUL-terminated string or NULL with
 * `error` set. */
typedef const char *(*DagOutputText)(DagTaskId task, void *data, GError **error);

/*
 * Appends the text to `out`, asking `output` for each task referred to.
 * Returns: false with `error` as `output` set it.
 */
bool dag_template_expand(const DagTemplate *text, DagOutputText output, void *data,
                         GString *out, GError **error);

G_END_DECLS
