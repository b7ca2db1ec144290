/* SPDX-License-Identifier: MIT */
/*
 * Functions for both reading schemas and checking values.
 */
#pragma once

#include "json-schema.h"

struct JsonSchema {
    json_t *root;
    GHashTable *patterns; /* of const json_t *, the value of "pattern", to GRegex */
};

/* Append "/NAME" to a JSON pointer (RFC 6901). */
void json_pointer_push(GString *pointer, const char *name);

/* Append "/INDEX". */
void json_pointer_push_index(GString *pointer, size_t index);

/* Returns: the schema that "#", "#/a/b" names within the root, or NULL. */
const json_t *json_schema_target(const json_t *root, const char *reference);
