/* SPDX-License-Identifier: MIT */
/*
 * The texts of tasks that did not succeed, shortened as on a terminal, kept for reports at the end of a run.
 */
#pragma once

#include <dagrun/execute.h>

/* Zeroed is empty. */
typedef struct FailureTexts {
    GHashTable *texts; /* DagTaskId to char *, owned; or NULL */
} FailureTexts;

/* Return an observer that keeps the texts; it borrows `texts`. */
DagObserver failure_texts_observer(FailureTexts *texts);

/* Return the text of a task, or NULL: it succeeded, or wrote nothing.  Borrowed. */
const char *failure_texts_get(const FailureTexts *texts, DagTaskId id);

void failure_texts_clear(FailureTexts *texts);
