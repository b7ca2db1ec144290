/* SPDX-License-Identifier: MIT */
#include "json-schema-parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VIOLATIONS 10

/* A value, or a schema, may be built so that its check takes for ever: alternatives within
 * alternatives.  A check ends after so many schemas. */
#define MAX_STEPS 1000000

/* Checking. */
typedef struct Check {
    const JsonSchema *schema;
    GPtrArray *violations; /* of char *; NULL: only whether there are any */
    GString *pointer;      /* of the value that is being checked */
    unsigned *n_steps;
} Check;

/* Note a fault of the value at the pointer.  Returns: false. */
static bool G_GNUC_PRINTF(2, 3) violated(Check *check, const char *format, ...)
{
    va_list arguments;

    if (!check->violations || check->violations->len >= MAX_VIOLATIONS)
        return false;
    va_start(arguments, format);

    g_autofree char *what = g_strdup_vprintf(format, arguments);

    va_end(arguments);
    g_ptr_array_add(check->violations,
                    g_strdup_printf("%s: %s",
                                    check->pointer->len > 0 ? check->pointer->str : "/",
                                    what));
    return false;
}

/* Recursion is as deep as the value, which Jansson bounds, and as long as chains of references.
 * NOLINTBEGIN(misc-no-recursion) */

static bool check_value(Check *check, const json_t *schema, const json_t *value);

static bool
is_integer(const json_t *value)
{
    return json_is_integer(value) ||
           (json_is_real(value) && floor(json_real_value(value)) == json_real_value(value));
}

static const char *
type_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "object";
    case JSON_ARRAY:
        return "array";
    case JSON_STRING:
        return "string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "boolean";
    case JSON_NULL:
        break;
    }
    return "null";
}

/* Numbers are equal by value: 1 and 1.0. */
static bool
is_equal(const json_t *a, const json_t *b)
{
    const char *name;
    json_t *member;

    if (json_is_number(a) && json_is_number(b))
        return json_is_integer(a) && json_is_integer(b)
                   ? json_integer_value(a) == json_integer_value(b)
                   : json_number_value(a) == json_number_value(b);
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        for (size_t i = 0; i < json_array_size(a); i++)
            if (i >= json_array_size(b) ||
                !is_equal(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return json_array_size(a) == json_array_size(b);
    }
    if (!json_is_object(a))
        return json_equal(a, b);
    json_object_foreach((json_t *)a, name, member)
    {
        const json_t *other = json_object_get(b, name);

        if (!other || !is_equal(member, other))
            return false;
    }
    return json_object_size(a) == json_object_size(b);
}

static bool
has_type(const json_t *value, const char *type)
{
    return strcmp(type, "integer") == 0 ? is_integer(value)
                                        : strcmp(type, type_of(value)) == 0;
}

/* Append a text, or each in a list, as "A, B or C". */
static void
append_choice(GString *out, const json_t *choices)
{
    size_t n = json_array_size(choices);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *text =
            json_is_string(json_array_get(choices, i))
                ? g_strdup(json_string_value(json_array_get(choices, i)))
                : NULL;
        char *dumped =
            text ? NULL : json_dumps(json_array_get(choices, i), JSON_ENCODE_ANY);

        g_string_append_printf(out, "%s%s", i == 0 ? "" : (i + 1 < n ? ", " : " or "),
                               text ? text : dumped);
        free(dumped);
    }
}

static bool
check_type(Check *check, const json_t *types, const json_t *value)
{
    g_autoptr(GString) names = g_string_new(NULL);

    if (!types)
        return true;
    if (json_is_string(types)) {
        if (has_type(value, json_string_value(types)))
            return true;
        g_string_append(names, json_string_value(types));
    } else {
        for (size_t i = 0; i < json_array_size(types); i++)
            if (has_type(value, json_string_value(json_array_get(types, i))))
                return true;
        append_choice(names, types);
    }
    return violated(check, "must be of type %s, not %s", names->str, type_of(value));
}

static bool
check_choices(Check *check, const json_t *schema, const json_t *value)
{
    const json_t *constant = json_object_get(schema, "const");
    const json_t *choices = json_object_get(schema, "enum");
    bool is_right = true;

    if (constant && !is_equal(constant, value)) {
        char *text = json_dumps(constant, JSON_ENCODE_ANY);

        is_right = violated(check, "must be %s", text);
        free(text);
    }
    for (size_t i = 0; i < json_array_size(choices); i++)
        if (is_equal(json_array_get(choices, i), value))
            return is_right;
    if (choices) {
        g_autoptr(GString) names = g_string_new(NULL);

        append_choice(names, choices);
        is_right = violated(check, "must be one of: %s", names->str);
    }
    return is_right;
}

/* Check a number, or a length, with two keywords of the schema. */
static bool
check_limits(Check *check, const json_t *schema, double number, const char *const names[3])
{
    const json_t *least = json_object_get(schema, names[0]);
    const json_t *most = json_object_get(schema, names[1]);
    bool is_right = true;

    if (least && number < json_number_value(least))
        is_right =
            violated(check, "must %s at least %.15g", names[2], json_number_value(least));
    if (most && number > json_number_value(most))
        is_right =
            violated(check, "must %s at most %.15g", names[2], json_number_value(most));
    return is_right;
}

static bool
check_text(Check *check, const json_t *schema, const json_t *value)
{
    static const char *const limits[] = {"minLength", "maxLength", "have a length of"};
    const json_t *pattern = json_object_get(schema, "pattern");
    const char *text = json_string_value(value);
    bool is_right = check_limits(check, schema, (double)g_utf8_strlen(text, -1), limits);

    if (pattern && !g_regex_match(g_hash_table_lookup(check->schema->patterns, pattern),
                                  text, 0, NULL))
        is_right = violated(check, "must match %s", json_string_value(pattern));
    return is_right;
}

static bool
check_items(Check *check, const json_t *schema, const json_t *value)
{
    static const char *const limits[] = {"minItems", "maxItems",
                                         "have a number of items of"};
    const json_t *items = json_object_get(schema, "items");
    bool is_right = check_limits(check, schema, (double)json_array_size(value), limits);
    gsize n = check->pointer->len;

    for (size_t i = 0; items && i < json_array_size(value); i++) {
        json_pointer_push_index(check->pointer, i);
        is_right = check_value(check, items, json_array_get(value, i)) && is_right;
        g_string_truncate(check->pointer, n);
    }
    return is_right;
}

static bool
check_members(Check *check, const json_t *schema, const json_t *value)
{
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *other = json_object_get(schema, "additionalProperties");
    const json_t *required = json_object_get(schema, "required");
    gsize n = check->pointer->len;
    bool is_right = true;
    const char *name;
    json_t *member;

    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *needed = json_string_value(json_array_get(required, i));

        if (!json_object_get(value, needed))
            is_right = violated(check, "must have \"%s\"", needed);
    }
    json_object_foreach((json_t *)value, name, member)
    {
        const json_t *known = json_object_get(properties, name);

        json_pointer_push(check->pointer, name);
        if (!known && json_is_false(other))
            is_right = violated(check, "is not allowed by the schema");
        else if (known || other)
            is_right = check_value(check, known ? known : other, member) && is_right;
        g_string_truncate(check->pointer, n);
    }
    return is_right;
}

static bool
check_alternatives(Check *check, const json_t *alternatives, const json_t *value)
{
    Check silent = *check;

    silent.violations = NULL;
    for (size_t i = 0; i < json_array_size(alternatives); i++)
        if (check_value(&silent, json_array_get(alternatives, i), value))
            return true;
    return !alternatives || violated(check, "must match one of the schemas of anyOf");
}

/* Returns: whether the value is valid. */
static bool
check_value(Check *check, const json_t *schema, const json_t *value)
{
    static const char *const limits[] = {"minimum", "maximum", "be"};
    const json_t *reference = json_object_get(schema, "$ref");
    bool is_right = true;

    if (++*check->n_steps > MAX_STEPS)
        return violated(check, "is too complex to be checked");
    if (json_is_boolean(schema))
        return json_is_true(schema) || violated(check, "is not allowed by the schema");
    if (reference)
        is_right = check_value(
            check, json_schema_target(check->schema->root, json_string_value(reference)),
            value);
    is_right = check_type(check, json_object_get(schema, "type"), value) && is_right;
    is_right = check_choices(check, schema, value) && is_right;
    if (json_is_number(value))
        is_right =
            check_limits(check, schema, json_number_value(value), limits) && is_right;
    else if (json_is_string(value))
        is_right = check_text(check, schema, value) && is_right;
    else if (json_is_array(value))
        is_right = check_items(check, schema, value) && is_right;
    else if (json_is_object(value))
        is_right = check_members(check, schema, value) && is_right;
    return check_alternatives(check, json_object_get(schema, "anyOf"), value) && is_right;
}

/* NOLINTEND(misc-no-recursion) */

GStrv
dag__json_schema_check(const JsonSchema *schema, const json_t *value)
{
    g_autoptr(GString) pointer = g_string_new(NULL);
    GPtrArray *violations = g_ptr_array_new();
    unsigned n_steps = 0;
    Check check = {schema, violations, pointer, &n_steps};

    if (!check_value(&check, schema->root, value) && violations->len == 0)
        violated(&check, "is not valid");
    g_ptr_array_add(violations, NULL);
    return (GStrv)g_ptr_array_free(violations, FALSE);
}
