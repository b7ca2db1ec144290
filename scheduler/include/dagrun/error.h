/* SPDX-License-Identifier: MIT */
/*
 * One error domain.  A code exists only where a caller acts on it; the message says the rest.
 * That a task failed is not an error: it stands in the record of the run.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The domain of all errors that the library sets. */
#define DAG_ERROR (dag_error_quark())

/* What a caller may want to tell apart. */
typedef enum DagError {
    DAG_ERROR_INVALID, /* a graph that cannot be: one line per finding in the message, each
                          `file:line:column: error: …` where a location is known */
    DAG_ERROR_CYCLE,   /* as INVALID, and the dependencies form a cycle */
    DAG_ERROR_SETTING, /* a value given to a run does not fit the graph's parameters, or a
                          task asked for is not in the graph */
    DAG_ERROR_IO,      /* reading, writing or starting something failed */
} DagError;

/* Returns: DAG_ERROR.  Any thread. */
GQuark dag_error_quark(void);

G_END_DECLS
