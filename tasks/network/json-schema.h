/* SPDX-License-Identifier: MIT */
/*
 * A part of JSON Schema (draft 2020-12): type, properties, required, additionalProperties, items,
 * enum, const, anyOf, $defs, $ref within the schema, minimum, maximum, minLength, maxLength,
 * minItems, maxItems, pattern; and true and false as schemas.  $schema, $id, $comment, title,
 * description, default and examples are allowed and mean nothing.  Any other keyword is an error
 * when the schema is read, so no schema is checked only in part.
 *
 * A pattern is a Perl-compatible regular expression and is found anywhere in the text, unless it
 * is anchored.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/* A schema that was read.  Immutable; any thread. */
typedef struct JsonSchema JsonSchema;

/* Read a schema.  The error, DAG_ERROR_INVALID, says where in the text, or at which JSON pointer.
 * Returns: free with dag__json_schema_free(); or NULL. */
JsonSchema *dag__json_schema_read(const char *text, size_t size, GError **error);

/* `schema` may be NULL. */
void dag__json_schema_free(JsonSchema *schema);

/* Returns: the faults of the value, as "/POINTER: must …", at most ten; empty if it is valid;
 * free with g_strfreev(). */
GStrv dag__json_schema_check(const JsonSchema *schema, const json_t *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonSchema, dag__json_schema_free)
