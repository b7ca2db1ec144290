/* SPDX-License-Identifier: MIT */
/*
 * The late texts of a run (dagrun/context.h): they go on into the logs, and their ends are kept.
 */
#pragma once

#include "output/logs.h"

#include <dagrun/context.h>

typedef struct LateTexts LateTexts; /* of one run; thread-safe */

/* `logs` may be NULL.  Borrows both. */
LateTexts *dag__late_texts_new(const DagGraph *graph, const Logs *logs);

/* Return the late text of a task, as dag_context_late_text() does. */
DagLateText *dag__late_texts_add(LateTexts *texts, DagTaskId task);

/* End all of them: what processes write from now on is lost. */
void dag__late_texts_close(LateTexts *texts);

/* Pass the end of each late text that is not empty to `take`.  After dag__late_texts_close(). */
void dag__late_texts_each(const LateTexts *texts,
                          void (*take)(DagTaskId task, const char *end, size_t size,
                                       void *data),
                          void *data);

void dag__late_texts_free(LateTexts *texts);
