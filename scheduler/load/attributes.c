/* SPDX-License-Identifier: MIT */
/*
 * libxml2 hands over five pointers per attribute: name, prefix, namespace, and where the value
 * begins and ends.
 */
#include "load/attributes.h"

#include <dagrun/suggest.h>
#include <string.h>

typedef struct Attribute {
    const char *name; /* local */
    const char *prefix;
    const char *space;
    const char *value; /* not terminated */
    size_t length;
} Attribute;

static Attribute
attribute_at(const Element *element, int i)
{
    const char **five = (const char **)(void *)element->attributes + 5 * (ptrdiff_t)i;

    return (Attribute){five[0], five[1], five[2], five[3], (size_t)(five[4] - five[3])};
}

static char *
written(const char *prefix, const char *name)
{
    return prefix ? g_strconcat(prefix, ":", name, NULL) : g_strdup(name);
}

char *
dag__element_written(const Element *element)
{
    return written(element->space == SPACE_XINCLUDE ? "xi" : element->prefix,
                   element->name);
}

/* Attributes that belong to XML itself and to schemas, which any element may carry. */
static bool
is_ignored(const Attribute *attribute)
{
    static const char *const of_xml[] = {"base", "lang", "space", NULL};

    if (!attribute->space)
        return false;
    return strcmp(attribute->space, DAG__SCHEMA_INSTANCE) == 0 ||
           (strcmp(attribute->space, DAG__XML) == 0 &&
            g_strv_contains(of_xml, attribute->name));
}

void
dag__values_init(Values *values)
{
    values->text = g_string_new(NULL);
}

void
dag__values_clear(Values *values)
{
    g_string_free(values->text, TRUE);
}

static int
find_rule(const DagElementRule *rule, const Attribute *attribute)
{
    for (size_t i = 0; i < rule->n_attributes && !attribute->space; i++)
        if (dag__same_word(rule->attributes[i].name, attribute->name))
            return (int)i;
    return -1;
}

static void
refuse_unknown(const Element *element, const Attribute *attribute, DagBuilder *builder)
{
    const DagElementRule *rule = &dag__elements[element->kind];
    g_autofree char *name = written(attribute->prefix, attribute->name);
    DagSuggestion near = dag_suggestion(name);

    for (size_t i = 0; i < rule->n_attributes; i++)
        dag_suggestion_consider(&near, rule->attributes[i].name);

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(builder,
                         dag__tag_value_location(&element->tag, name, attribute->value),
                         "unknown attribute \"%s\" on <%s>%s", name, rule->name, hint);
}

/* Where an attribute stands, for people. */
typedef struct Spot {
    const char *element;
    const char *attribute;
    DagLocation location;
} Spot;

/* `problem` is "is empty", or begins with the value in quotes. */
static void
refuse_value(DagBuilder *builder, Spot spot, const char *problem)
{
    dag_builder_complain(builder, spot.location, "attribute \"%s\" of <%s>%s %s",
                         spot.attribute, spot.element, *problem == '"' ? ":" : "", problem);
}

/* Makes room in `values` for the attributes of `element`. */
static void
reserve(Values *values, const Element *element)
{
    size_t size = 0;

    for (int i = 0; i < element->n_attributes; i++)
        size += attribute_at(element, i).length + 1;
    g_string_set_size(values->text, size);
    values->next = values->text->str;
}

/* Reads one attribute that is in the table, as `slot`. */
static void
read_value(Values *values, const Element *element, const Attribute *attribute, int slot,
           DagBuilder *builder)
{
    const DagElementRule *rule = &dag__elements[element->kind];
    char *text = values->next;

    memcpy(text, attribute->value, attribute->length);
    text[attribute->length] = '\0';
    values->next += attribute->length + 1;
    values->location[slot] =
        dag__tag_value_location(&element->tag, attribute->name, attribute->value);

    g_autofree char *problem = dag__attribute_check(rule->attributes[slot].form, text);

    if (problem) {
        refuse_value(builder, (Spot){rule->name, attribute->name, values->location[slot]},
                     problem);
        values->has_bad = true;
    } else {
        values->value[slot] = text;
    }
}

/* Returns: whether all that is required is there; complains unless a bad value explains it. */
static bool
has_required(const Values *values, const Element *element, DagBuilder *builder)
{
    const DagElementRule *rule = &dag__elements[element->kind];

    for (size_t i = 0; i < rule->n_attributes; i++) {
        if (!rule->attributes[i].required || values->value[i])
            continue;
        if (values->location[i].line == 0)
            dag_builder_complain(builder, element->tag.location,
                                 "<%s> lacks the attribute \"%s\"", rule->name,
                                 rule->attributes[i].name);
        return false;
    }
    return true;
}

bool
dag__values_read(Values *values, const Element *element, DagBuilder *builder)
{
    const DagElementRule *rule = &dag__elements[element->kind];

    memset(values->value, 0, rule->n_attributes * sizeof(values->value[0]));
    memset(values->location, 0, rule->n_attributes * sizeof(values->location[0]));
    values->has_bad = false;
    reserve(values, element);
    for (int i = 0; i < element->n_attributes; i++) {
        Attribute attribute = attribute_at(element, i);

        if (is_ignored(&attribute))
            continue;

        int slot = find_rule(rule, &attribute);

        if (slot < 0)
            refuse_unknown(element, &attribute, builder);
        else
            read_value(values, element, &attribute, slot, builder);
    }
    return has_required(values, element, builder);
}

static void
pair_clear(gpointer data)
{
    DagPair *pair = data;

    g_free((char *)pair->name);
    g_free((char *)pair->value);
}

GArray *
dag__pairs_new(void)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(DagPair));

    g_array_set_clear_func(pairs, pair_clear);
    return pairs;
}

/* What the value of a kind's attribute has to look like. */
static DagAttributeForm
form_of(const DagKind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_attributes; i++)
        if (dag__same_word(kind->attributes[i].name, name))
            return kind->attributes[i].type == DAG_ATTRIBUTE_TASK ? FORM_NAME : FORM_TEXT;
    return FORM_RAW; /* unknown: the builder says so */
}

static DagPair
read_pair(const Element *element, const Attribute *attribute, DagBuilder *builder)
{
    const DagKind *kind = element->task_kind;
    char *name = written(attribute->prefix, attribute->name);
    char *value = g_strndup(attribute->value, attribute->length);
    g_autofree char *problem = dag__attribute_check(form_of(kind, name), value);
    DagLocation location = dag__tag_value_location(&element->tag, name, attribute->value);

    if (problem) {
        refuse_value(builder, (Spot){kind->name, name, location}, problem);
        g_clear_pointer(&value, g_free);
    }
    return (DagPair){.name = name, .value = value, .value_location = location};
}

void
dag__pairs_read(GArray *pairs, const Element *element, DagBuilder *builder)
{
    for (int i = 0; i < element->n_attributes; i++) {
        Attribute attribute = attribute_at(element, i);

        if (is_ignored(&attribute))
            continue;

        DagPair pair = read_pair(element, &attribute, builder);

        g_array_append_val(pairs, pair);
    }
}
