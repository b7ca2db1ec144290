/* SPDX-License-Identifier: MIT */
/*
 * Reading looks at every schema within the schema once: its keywords, their values, patterns,
 * references.  So checking can take all of them for granted.
 */
#include "json-schema-parts.h"

#include <dagrun/error.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Reading. */
typedef struct Reader {
    JsonSchema *schema;
    GHashTable *seen; /* of const json_t *: the schemas that were read */
    GString *pointer; /* of the schema that is being read */
    GError *error;
} Reader;

void
json_pointer_push(GString *pointer, const char *name)
{
    g_string_append_c(pointer, '/');
    for (; *name; name++)
        if (*name == '~' || *name == '/')
            g_string_append(pointer, *name == '~' ? "~0" : "~1");
        else
            g_string_append_c(pointer, *name);
}

void
json_pointer_push_index(GString *pointer, size_t index)
{
    g_string_append_printf(pointer, "/%zu", index);
}

const json_t *
json_schema_target(const json_t *root, const char *reference)
{
    const json_t *at = root;

    if (*reference != '#' || (reference[1] != '\0' && reference[1] != '/'))
        return NULL;
    if (reference[1] == '\0')
        return root;

    g_auto(GStrv) names = g_strsplit(reference + 2, "/", -1);

    for (char **name = names; *name && at; name++) {
        g_autoptr(GString) plain = g_string_new(*name);

        g_string_replace(plain, "~1", "/", 0);
        g_string_replace(plain, "~0", "~", 0);
        at = json_object_get(at, plain->str);
    }
    return at;
}

/* Set the error, unless there is one.  Returns: false. */
static bool G_GNUC_PRINTF(2, 3) complain(Reader *reader, const char *format, ...)
{
    va_list arguments;

    if (reader->error)
        return false;
    va_start(arguments, format);

    g_autofree char *what = g_strdup_vprintf(format, arguments);

    va_end(arguments);
    g_set_error(&reader->error, DAG_ERROR, DAG_ERROR_INVALID, "%s: %s",
                reader->pointer->len > 0 ? reader->pointer->str : "the schema", what);
    return false;
}

static bool read_schema(Reader *reader, const json_t *schema);

/* The functions below read the value of a keyword.  Returns: false with the error set. */

static bool
read_child(Reader *reader, const char *name, const json_t *schema)
{
    gsize n = reader->pointer->len;
    bool is_right;

    json_pointer_push(reader->pointer, name);
    is_right = read_schema(reader, schema);
    g_string_truncate(reader->pointer, n);
    return is_right;
}

static bool
read_children(Reader *reader, const char *keyword, const json_t *value)
{
    gsize n = reader->pointer->len;
    const char *name;
    json_t *child;

    if (!json_is_object(value))
        return complain(reader, "\"%s\" must be an object", keyword);
    json_pointer_push(reader->pointer, keyword);
    json_object_foreach((json_t *)value, name, child)
    {
        if (!read_child(reader, name, child))
            return false;
    }
    g_string_truncate(reader->pointer, n);
    return true;
}

static bool
read_one(Reader *reader, const char *keyword, const json_t *value)
{
    return read_child(reader, keyword, value);
}

static bool
read_alternatives(Reader *reader, const char *keyword, const json_t *value)
{
    gsize n = reader->pointer->len;

    if (!json_is_array(value) || json_array_size(value) == 0)
        return complain(reader, "\"%s\" must be a list of schemas", keyword);
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_pointer_push(reader->pointer, keyword);
        json_pointer_push_index(reader->pointer, i);
        if (!read_schema(reader, json_array_get(value, i)))
            return false;
        g_string_truncate(reader->pointer, n);
    }
    return true;
}

static const char *const type_names[] = {"array",  "boolean", "integer", "null",
                                         "number", "object",  "string",  NULL};

static bool
read_type(Reader *reader, const char *keyword, const json_t *value)
{
    size_t n = json_is_array(value) ? json_array_size(value) : 1;

    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;

        if (!json_is_string(item) || !g_strv_contains(type_names, json_string_value(item)))
            return complain(reader,
                            "\"%s\" must be array, boolean, integer, null, number, object "
                            "or string, or a list of these",
                            keyword);
    }
    return n > 0 || complain(reader, "\"%s\" must not be empty", keyword);
}

static bool
read_names(Reader *reader, const char *keyword, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return complain(reader, "\"%s\" must be a list of names", keyword);
    return json_is_array(value) ||
           complain(reader, "\"%s\" must be a list of names", keyword);
}

static bool
read_list(Reader *reader, const char *keyword, const json_t *value)
{
    return json_is_array(value) || complain(reader, "\"%s\" must be a list", keyword);
}

static bool
read_number(Reader *reader, const char *keyword, const json_t *value)
{
    return json_is_number(value) || complain(reader, "\"%s\" must be a number", keyword);
}

static bool
read_count(Reader *reader, const char *keyword, const json_t *value)
{
    double count = json_number_value(value);

    return (json_is_number(value) && count >= 0 && floor(count) == count) ||
           complain(reader, "\"%s\" must be a whole number, not negative", keyword);
}

static bool
read_pattern(Reader *reader, const char *keyword, const json_t *value)
{
    g_autoptr(GError) error = NULL;
    GRegex *regex;

    if (!json_is_string(value))
        return complain(reader, "\"%s\" must be a text", keyword);
    regex = g_regex_new(json_string_value(value), G_REGEX_DOLLAR_ENDONLY, 0, &error);
    if (!regex)
        return complain(reader, "%s", error->message);
    g_hash_table_insert(reader->schema->patterns, (gpointer)value, regex);
    return true;
}

static bool
read_reference(Reader *reader, const char *keyword, const json_t *value)
{
    const json_t *target;

    if (!json_is_string(value))
        return complain(reader, "\"%s\" must be a text", keyword);
    target = json_schema_target(reader->schema->root, json_string_value(value));
    if (!target)
        return complain(reader,
                        "nothing is at \"%s\"; a reference is \"#\", or \"#/$defs/NAME\"",
                        json_string_value(value));
    return read_schema(reader, target);
}

/* A keyword that is only for readers of the schema. */
static bool
read_remark(Reader *reader, const char *keyword, const json_t *value)
{
    (void)reader, (void)keyword, (void)value;
    return true;
}

static const struct Keyword {
    const char *name;
    bool (*read)(Reader *reader, const char *keyword, const json_t *value);
} keywords[] = {
    {"$comment", read_remark},     {"$defs", read_children},
    {"$id", read_remark},          {"$ref", read_reference},
    {"$schema", read_remark},      {"additionalProperties", read_one},
    {"anyOf", read_alternatives},  {"const", read_remark},
    {"default", read_remark},      {"description", read_remark},
    {"enum", read_list},           {"examples", read_remark},
    {"items", read_one},           {"maxItems", read_count},
    {"maxLength", read_count},     {"maximum", read_number},
    {"minItems", read_count},      {"minLength", read_count},
    {"minimum", read_number},      {"pattern", read_pattern},
    {"properties", read_children}, {"required", read_names},
    {"title", read_remark},        {"type", read_type},
};

static bool
read_keyword(Reader *reader, const char *name, const json_t *value)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return keywords[i].read(reader, name, value);
    return complain(reader, "\"%s\" is not among the keywords that dagrun checks", name);
}

/* Read a schema and those within it. */
static bool
read_schema(Reader *reader, const json_t *schema)
{
    const char *name;
    json_t *value;

    if (json_is_boolean(schema) || g_hash_table_contains(reader->seen, schema))
        return true;
    if (!json_is_object(schema))
        return complain(reader, "a schema must be an object, true or false");
    g_hash_table_add(reader->seen, (gpointer)schema);
    json_object_foreach((json_t *)schema, name, value)
    {
        if (!read_keyword(reader, name, value))
            return false;
    }
    return true;
}

/* Recursion is as deep as the schema, which Jansson bounds.  NOLINTBEGIN(misc-no-recursion) */

/* Return whether checking a value with the schema would check the same value with it again, by
 * references and alternatives alone.  `path` holds the schemas on the way, `done` those without. */
static bool
goes_in_circles(const JsonSchema *all, const json_t *schema, GHashTable *path,
                GHashTable *done)
{
    const json_t *reference = json_object_get(schema, "$ref");
    const json_t *alternatives = json_object_get(schema, "anyOf");
    bool does = false;

    if (!json_is_object(schema) || g_hash_table_contains(done, schema))
        return false;
    if (!g_hash_table_add(path, (gpointer)schema))
        return true;
    if (reference)
        does = goes_in_circles(
            all, json_schema_target(all->root, json_string_value(reference)), path, done);
    for (size_t i = 0; i < json_array_size(alternatives) && !does; i++)
        does = goes_in_circles(all, json_array_get(alternatives, i), path, done);
    g_hash_table_remove(path, schema);
    g_hash_table_add(done, (gpointer)schema);
    return does;
}

/* NOLINTEND(misc-no-recursion) */

static bool
check_circles(Reader *reader)
{
    g_autoptr(GHashTable) path = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
    GHashTableIter iter;
    gpointer schema;

    g_hash_table_iter_init(&iter, reader->seen);
    while (g_hash_table_iter_next(&iter, &schema, NULL))
        if (goes_in_circles(reader->schema, schema, path, done))
            return complain(reader, "its references go in circles");
    return true;
}

JsonSchema *
dag__json_schema_read(const char *text, size_t size, GError **error)
{
    g_autoptr(JsonSchema) schema = g_new0(JsonSchema, 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GString) pointer = g_string_new(NULL);
    Reader reader = {schema, seen, pointer, NULL};
    json_error_t problem;

    schema->patterns =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_regex_unref);
    schema->root =
        json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!schema->root) {
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "line %d, column %d: %s",
                    problem.line, problem.column, problem.text);
        return NULL;
    }
    if (!read_schema(&reader, schema->root) || !check_circles(&reader)) {
        g_propagate_error(error, reader.error);
        return NULL;
    }
    return g_steal_pointer(&schema);
}

void
dag__json_schema_free(JsonSchema *schema)
{
    if (!schema)
        return;
    g_hash_table_unref(schema->patterns);
    json_decref(schema->root);
    g_free(schema);
}
