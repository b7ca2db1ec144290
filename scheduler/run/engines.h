/* SPDX-License-Identifier: MIT */
/*
 * The engines of one run: those that the caller has opened, and those that the run opens itself.
 */
#pragma once

#include <dagrun/engine.h>

typedef struct Engines Engines;

/* Return a table with the caller's engines, open[n_open]; borrows the states. */
Engines *dag__engines_new(const DagOpenEngine *open, size_t n_open);

/* Close the engines that the run has opened.  NULL is fine. */
void dag__engines_free(Engines *engines);

/*
 * Return the state of `engine`, opened if it was not.  Any thread.
 * Returns: NULL with the error of DagEngine.open; the same error on each further call.
 */
void *dag__engines_get(Engines *engines, const DagEngine *engine, GError **error);
