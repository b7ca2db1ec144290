/* SPDX-License-Identifier: MIT */
/*
 * The tables of kinds come from programs, so a mistake in one is a finding like any other.
 */
#include "model/declared.h"

#include <string.h>

#define MAX_DEPTH 16 /* of elements within a kind's element; bounds recursion */

/* The table being checked. */
typedef struct Check {
    const DagKind *kind; /* or NULL: of a declaration */
    GString *problem;    /* the first one, or "" */
} Check;

G_GNUC_PRINTF(2, 3)
static void
fail(Check *check, const char *format, ...)
{
    va_list args;

    if (check->problem->len > 0)
        return;
    va_start(args, format);
    g_string_vprintf(check->problem, format, args);
    va_end(args);
}

static bool
has_declaration(const DagKind *kind, const char *element)
{
    const DagDeclarationType *const *type = kind ? kind->declarations : NULL;

    for (; type && *type; type++)
        if (g_strcmp0((*type)->element.name, element) == 0)
            return true;
    return false;
}

static void
check_attribute(Check *check, const char *element, const DagAttribute *attribute)
{
    const char *name = attribute->name;

    if (attribute->resource && (attribute->type != DAG_ATTRIBUTE_BOOLEAN || !check->kind))
        fail(check, "attribute \"%s\" of <%s> has a resource, and is no boolean of a kind",
             name, element);
    switch (attribute->type) {
    case DAG_ATTRIBUTE_CHOICE:
        if (!attribute->choices || !attribute->choices[0])
            fail(check, "attribute \"%s\" of <%s> has no choices", name, element);
        break;
    case DAG_ATTRIBUTE_NUMBER:
        if (!(attribute->min <= attribute->max))
            fail(check, "attribute \"%s\" of <%s> has an empty range", name, element);
        break;
    case DAG_ATTRIBUTE_DECLARED:
        if (!has_declaration(check->kind, attribute->of))
            fail(check,
                 "attribute \"%s\" of <%s> names a declaration that is not in the table",
                 name, element);
        break;
    case DAG_ATTRIBUTE_NAME:
    case DAG_ATTRIBUTE_USES:
    case DAG_ATTRIBUTE_SLOTS:
        if (check->kind)
            fail(check, "attribute \"%s\" of <%s> is for a declaration, and it is none",
                 name, element);
        break;
    case DAG_ATTRIBUTE_TASK:
        if (!check->kind)
            fail(check, "attribute \"%s\" of <%s> reads a task, and it is none", name,
                 element);
        break;
    case DAG_ATTRIBUTE_DURATION:
    case DAG_ATTRIBUTE_TEXT:
    case DAG_ATTRIBUTE_TEMPLATE:
    case DAG_ATTRIBUTE_SIZE:
    case DAG_ATTRIBUTE_BOOLEAN:
    case DAG_ATTRIBUTE_WORDS:
        break;
    default:
        fail(check, "attribute \"%s\" of <%s> has no type", name, element);
    }
}

static void
check_attributes(Check *check, const char *element, const DagAttribute *attributes,
                 size_t n)
{
    for (size_t i = 0; i < n && check->problem->len == 0; i++) {
        if (!attributes[i].name) {
            fail(check, "an attribute of <%s> has no name", element);
            return;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(attributes[i].name, attributes[k].name) == 0)
                fail(check, "<%s> has the attribute \"%s\" twice", element,
                     attributes[i].name);
        check_attribute(check, element, &attributes[i]);
    }
}

/* Recursion is bounded by MAX_DEPTH.  NOLINTBEGIN(misc-no-recursion) */
static void
check_element(Check *check, const DagElementType *type, unsigned depth)
{
    check_attributes(check, type->name, type->attributes, type->n_attributes);
    if (depth == MAX_DEPTH && type->n_children > 0)
        fail(check, "elements in <%s> are nested too deeply", type->name);
    for (size_t i = 0; i < type->n_children && check->problem->len == 0; i++) {
        if (!type->children[i].name) {
            fail(check, "an element in <%s> has no name", type->name);
            return;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(type->children[i].name, type->children[k].name) == 0)
                fail(check, "<%s> has the element <%s> twice", type->name,
                     type->children[i].name);
        check_element(check, &type->children[i], depth + 1);
    }
}

/* NOLINTEND(misc-no-recursion) */

DagElementType
dag__kind_element(const DagKind *kind)
{
    return (DagElementType){
        .name = kind->name,
        .attributes = kind->attributes,
        .n_attributes = kind->n_attributes,
        .children = kind->children,
        .n_children = kind->n_children,
        .occurs = DAG_OCCURS_ONCE,
        .text = kind->takes_text ? DAG_TEXT_REQUIRED : DAG_TEXT_NONE,
    };
}

static void
check_kind(Check *check)
{
    const DagKind *kind = check->kind;

    if (!kind->name) {
        fail(check, "a kind has no name");
        return;
    }

    DagElementType type = dag__kind_element(kind);

    check_element(check, &type, 0);
    check_attributes(check, "task", kind->task_attributes, kind->n_task_attributes);
}

static void
check_declaration(Check *check, const DagDeclarationType *type)
{
    size_t n_names = 0;

    if (!type->element.name) {
        fail(check, "a declaration has no name");
        return;
    }
    check_element(check, &type->element, 0);
    for (size_t i = 0; i < type->element.n_attributes; i++)
        n_names += type->element.attributes[i].type == DAG_ATTRIBUTE_NAME &&
                   type->element.attributes[i].required;
    if (n_names != 1)
        fail(check, "<%s> must have one required attribute that names it",
             type->element.name);
}

/* Return true if the table, checked now or before, is valid. */
static bool
remember(DagBuilder *builder, gconstpointer table, const char *name, Check *check)
{
    bool is_good = check->problem->len == 0;

    if (!is_good)
        dag_builder_complain(builder, (DagLocation){0}, "the table of <%s> is invalid: %s",
                             name ? name : "", check->problem->str);
    g_hash_table_insert(builder->tables, (gpointer)table, GINT_TO_POINTER(is_good));
    g_string_free(check->problem, TRUE);
    return is_good;
}

bool
dag__builder_check_kind(DagBuilder *builder, const DagKind *kind)
{
    Check check = {.kind = kind};
    gpointer known;

    if (kind == builder->last_kind)
        return true;
    if (g_hash_table_lookup_extended(builder->tables, kind, NULL, &known))
        return GPOINTER_TO_INT(known);
    check.problem = g_string_new(NULL);
    check_kind(&check);
    if (!remember(builder, kind, kind->name, &check))
        return false;
    builder->last_kind = kind;
    return true;
}

bool
dag__builder_check_declaration(DagBuilder *builder, const DagDeclarationType *type)
{
    Check check = {0};
    gpointer known;

    if (g_hash_table_lookup_extended(builder->tables, type, NULL, &known))
        return GPOINTER_TO_INT(known);
    check.problem = g_string_new(NULL);
    check_declaration(&check, type);
    return remember(builder, type, type->element.name, &check);
}
