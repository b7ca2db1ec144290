/* SPDX-License-Identifier: MIT */
/*
 * One error domain.  A code exists only if a caller acts on it; the message says the rest.  A failed
 * task is not an error: it is in the record of the run.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The domain of all errors that the library sets. */
#define DAG_ERROR (dag_error_quark())

/* The codes of DAG_ERROR. */
typedef enum DagError {
    DAG_ERROR_INVALID, /* the graph is invalid; the message has a line per finding, with
                          `file:line:column: error: ` before it if it has a location */
    DAG_ERROR_CYCLE,   /* as INVALID, and the dependencies form a cycle */
    DAG_ERROR_SETTING, /* a setting does not fit the graph's parameters, or a target is not
                          a task of the graph */
    DAG_ERROR_IO,      /* reading, writing or starting something failed */
} DagError;

/* Return DAG_ERROR.  Any thread. */
GQuark dag_error_quark(void);

G_END_DECLS
