/* SPDX-License-Identifier: MIT */
/*
 * The errors found in a graph: a bounded list of locations and messages, reported together.
 */
#pragma once

#include <dagrun/types.h>
#include <stdarg.h>

typedef struct DagFindings DagFindings;

DagFindings *dag__findings_new(void);
void dag__findings_free(DagFindings *findings);

/* Add a finding, unless the list is full.  Copies the file's name. */
void dag__findings_add(DagFindings *findings, DagLocation location, const char *format,
                       va_list args) G_GNUC_PRINTF(3, 0);

size_t dag__findings_count(const DagFindings *findings);

/* Return true if there are more findings than are ever shown. */
bool dag__findings_is_full(const DagFindings *findings);

/* Set `error`, of `code` in DAG_ERROR, to all findings in order of location, one per line. */
void dag__findings_raise(DagFindings *findings, int code, GError **error);
