/* SPDX-License-Identifier: MIT */
/*
 * Variables and rules of ninja files, and the expansion of `$name`, `${name}` and the escapes.
 */
#pragma once

#include "formats/format.h"

/* The variables and rules of a file; those of an outer file are seen, too. */
typedef struct NinjaScope NinjaScope;

/* Return a scope within `outer` (borrowed), or one of its own. */
NinjaScope *ninja_scope_new(const NinjaScope *outer);
void ninja_scope_free(NinjaScope *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NinjaScope, ninja_scope_free)

/* Return a table of variables with their values, both owned; free with g_hash_table_unref(). */
GHashTable *ninja_variables_new(void);

/* Set a variable; takes `value`. */
void ninja_scope_set(NinjaScope *scope, const char *name, char *value);

/* Add a rule: its variables, as they are written; takes `variables`. */
void ninja_scope_add_rule(NinjaScope *scope, const char *name, GHashTable *variables);

/* Return the variables of the rule, or NULL. */
const GHashTable *ninja_scope_rule(const NinjaScope *scope, const char *name);

/* Expand text as it is written.  Returns: free with g_free(); NULL with `error` set. */
char *ninja_scope_expand(const NinjaScope *scope, const char *raw, const ImportText *text,
                         unsigned line, GError **error);

/* A build statement.  Its variables hide those of its rule, and these hide those of the file. */
typedef struct NinjaEdge {
    GHashTable *variables;
    const GHashTable *rule;
    const GPtrArray *inputs;  /* of paths: $in */
    const GPtrArray *outputs; /* of paths: $out */
    unsigned line;            /* of the statement */
} NinjaEdge;

/* Expand a variable of the statement; it is empty if it is not set.  Returns: free with g_free(); NULL
 * with `error` set. */
char *ninja_edge_expand(const NinjaScope *scope, const NinjaEdge *edge, const char *name,
                        const ImportText *text, GError **error);
