/* SPDX-License-Identifier: MIT */
/*
 * Graphs from one line of text, for tests.
 */
#pragma once

#include <dagrun/builder.h>

/*
 * Declare one task per word:
 *
 *     d<b,c    d needs b and c (d<b<c is the same)
 *     d:2.5    d costs 2.5 seconds (default 1)
 *     d!7      d has the priority 7
 *     d?       the condition of d is false
 *     d*       d is a clean-up
 *     d~       d may fail
 *     d@p=2+q  d uses 2 slots of the pool p, and one of q
 *
 * Parts are in the order d<b:2.5!7?*~@p.  All tasks have `kind` and `config`; if `kind` is NULL,
 * they do nothing.
 */
DagBuilder *builder_of(const char *words, const DagKind *kind, const void *config);

/* Declare more tasks in the same way. */
void declare_words(DagBuilder *builder, const char *words, const DagKind *kind,
                   const void *config);

/* Finish and free the builder.  Returns: the graph; never NULL if `error` is NULL. */
DagGraph *graph_finish(DagBuilder *builder, GError **error);

/* Returns: the graph of builder_of(), whose tasks do nothing. */
DagGraph *graph_of(const char *words, GError **error);

/* A DagCondition: "yes" holds, "no" does not, anything else is not an expression. */
bool condition_yes(const char *expression, const DagScope *scope, bool *holds_out,
                   GError **error);

/* Returns: the names of the tasks, separated by spaces; free with g_free(). */
char *names_of(const DagGraph *graph, DagIds ids);
