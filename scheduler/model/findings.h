/* SPDX-License-Identifier: MIT */
/*
 * The errors and warnings found in a graph: bounded lists of locations and messages, reported
 * together.
 */
#pragma once

#include <dagrun/builder.h>
#include <stdarg.h>

typedef struct DagFindings DagFindings;

DagFindings *dag__findings_new(void);
void dag__findings_free(DagFindings *findings);

/* Add an error, unless the list is full.  Copies the file's name. */
void dag__findings_add(DagFindings *findings, DagLocation location, const char *format,
                       va_list args) G_GNUC_PRINTF(3, 0);

/* The same for a warning, with which a graph is valid. */
void dag__findings_warn(DagFindings *findings, DagLocation location, const char *format,
                        va_list args) G_GNUC_PRINTF(3, 0);

/* Return the number of errors. */
size_t dag__findings_count(const DagFindings *findings);

/* Return true if there are more errors than are ever shown. */
bool dag__findings_is_full(const DagFindings *findings);

/* Set `error`, of `code` in DAG_ERROR, to all errors in order of location, one per line. */
void dag__findings_raise(DagFindings *findings, int code, GError **error);

/* Call `warn`, which may be NULL, for each warning, in order of location. */
void dag__findings_tell(DagFindings *findings, DagWarn warn, void *data);
