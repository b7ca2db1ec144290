/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a graph: a bounded list of places and sentences, told all at once.
 */
#pragma once

#include <dagrun/types.h>
#include <stdarg.h>

typedef struct DagFindings DagFindings;

DagFindings *dag__findings_new(void);
void dag__findings_free(DagFindings *findings);

/* `place.file` is borrowed. */
void dag__findings_add(DagFindings *findings, DagLocation location, const char *format,
                       va_list args) G_GNUC_PRINTF(3, 0);

size_t dag__findings_count(const DagFindings *findings);

/* Returns: whether there are more than are ever shown. */
bool dag__findings_is_full(const DagFindings *findings);

/* Sets `error` to all of them, in order of place, a line each: DAG_ERROR of `code`. */
void dag__findings_raise(DagFindings *findings, int code, GError **error);
