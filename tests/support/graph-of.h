/* SPDX-License-Identifier: MIT */
/*
 * Graphs in one line, for tests.
 */
#pragma once

#include <dagrun/builder.h>

/*
 * Declares one task per word, in this order:
 *
 *     d<b,c    d needs b and c (d<b<c is the same)
 *     d:2.5    d costs 2.5 seconds (1 if not said)
 *     d!7      d has the priority 7
 *     d?       the condition of d is false
 *     d*       d is a clean-up
 *     d~       d may fail
 *     d@p=2+q  d uses 2 slots of the pool p, and one of q
 *
 * in the order d<b:2.5!7?*~@p.  `kind` and `config` are those of every task; NULL: nothing is done.
 */
DagBuilder *builder_of(const char *words, const DagKind *kind, const void *config);

/* Finishes the builder, and frees it.  Returns: the graph; never NULL if `error` is NULL. */
DagGraph *graph_finish(DagBuilder *builder, GError **error);

/* Returns: the graph of builder_of(), whose tasks do nothing. */
DagGraph *graph_of(const char *words, GError **error);

/* A DagCondition: "yes" holds, "no" does not, anything else is not an expression. */
bool condition_yes(const char *expression, const DagScope *scope, bool *holds_out,
                   GError **error);

/* Returns: the names of the tasks, separated by spaces; free with g_free(). */
char *names_of(const DagGraph *graph, DagIds ids);
