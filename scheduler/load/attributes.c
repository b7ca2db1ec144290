/* SPDX-License-Identifier: MIT */
/*
 * libxml2 passes five pointers per attribute: name, prefix, namespace, and the begin and end of the
 * value.
 */
#include "load/attributes.h"

#include "load/hints.h"

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

/* Return true for attributes that any element may have: those of XML itself, and those of other
 * vocabularies, such as the annotations of editors. */
static bool
is_ignored(const Attribute *attribute)
{
    static const char *const of_xml[] = {"base", "lang", "space", NULL};

    if (!attribute->space || strcmp(attribute->space, DAG__NAMESPACE) == 0)
        return false;
    return strcmp(attribute->space, DAG__XML) != 0 ||
           g_strv_contains(of_xml, attribute->name);
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

/* Return the attribute that a kind adds to <task>, or NULL. */
static const DagAttribute *
find_further(const KindAttributes *further, const Attribute *attribute)
{
    const DagKind *const *kind = further && !attribute->space ? further->kinds : NULL;

    for (; kind && *kind; kind++)
        for (size_t i = 0; i < (*kind)->n_task_attributes; i++)
            if (g_strcmp0((*kind)->task_attributes[i].name, attribute->name) == 0)
                return &(*kind)->task_attributes[i];
    return NULL;
}

static void
refuse_unknown(const Element *element, const Attribute *attribute,
               const KindAttributes *further, DagBuilder *builder)
{
    const DagElementRule *rule = &dag__elements[element->kind];
    const DagKind *const *kind = further ? further->kinds : NULL;
    g_autofree char *name = written(attribute->prefix, attribute->name);
    const char *known = dag__attribute_hint(element->kind, name);
    DagSuggestion near = dag_suggestion(name);

    for (size_t i = 0; i < rule->n_attributes; i++)
        dag_suggestion_consider(&near, rule->attributes[i].name);
    for (; kind && *kind; kind++)
        for (size_t i = 0; i < (*kind)->n_task_attributes; i++)
            if ((*kind)->task_attributes[i].name)
                dag_suggestion_consider(&near, (*kind)->task_attributes[i].name);

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(
        builder, dag__tag_value_location(&element->tag, name, attribute->value),
        "unknown attribute \"%s\" on <%s>%s", name, rule->name, known ? known : hint);
}

/* The place of an attribute in messages. */
typedef struct Spot {
    const char *element;
    const char *attribute;
    DagLocation location;
} Spot;

/* Complain about a value; `problem` is "is empty" or begins with the value in quotes. */
static void
refuse_value(DagBuilder *builder, Spot spot, const char *problem)
{
    dag_builder_complain(builder, spot.location, "attribute \"%s\" of <%s>%s %s",
                         spot.attribute, spot.element, *problem == '"' ? ":" : "", problem);
}

/* Warn about a line end in a value that is used as it is written. */
static void
warn_of_line_end(const Element *element, const Attribute *attribute, const char *name,
                 DagLocation location, DagBuilder *builder)
{
    if (dag__tag_value_has_line_end(&element->tag, name, attribute->value))
        dag_builder_warn(
            builder, location,
            "a line end in the attribute \"%s\" becomes a space; &#10; is a line "
            "end",
            name);
}

/* Make room in `values` for the attributes of `element`. */
static void
reserve(Values *values, const Element *element)
{
    size_t size = 0;

    for (int i = 0; i < element->n_attributes; i++)
        size += attribute_at(element, i).length + 1;
    g_string_set_size(values->text, size);
    values->next = values->text->str;
}

/* Read the attribute with index `slot` in the table. */
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

    g_autofree char *problem =
        dag__form_parse(rule->attributes[slot].form, text, &values->value[slot]);

    if (rule->attributes[slot].form == FORM_RAW)
        warn_of_line_end(element, attribute, attribute->name, values->location[slot],
                         builder);
    if (problem) {
        refuse_value(builder, (Spot){rule->name, attribute->name, values->location[slot]},
                     problem);
        values->has_bad = true;
    }
}

/* Return true if all required attributes are there; complain unless a value was invalid. */
static bool
has_required(const Values *values, const Element *element, DagBuilder *builder)
{
    const DagElementRule *rule = &dag__elements[element->kind];

    for (size_t i = 0; i < rule->n_attributes; i++) {
        if (!rule->attributes[i].required || values->value[i].text)
            continue;
        if (values->location[i].line == 0)
            dag_builder_complain(builder, element->tag.location,
                                 "<%s> lacks the attribute \"%s\"", rule->name,
                                 rule->attributes[i].name);
        return false;
    }
    return true;
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

/* Return the form of the values of a kind's attribute; the builder checks the rest. */
static DagAttributeForm
form_of(const DagAttribute *attribute)
{
    if (!attribute)
        return FORM_RAW; /* unknown: the builder says so */
    switch (attribute->type) {
    case DAG_ATTRIBUTE_TASK:
    case DAG_ATTRIBUTE_NAME:
    case DAG_ATTRIBUTE_DECLARED:
        return FORM_NAME;
    case DAG_ATTRIBUTE_TEXT:
    case DAG_ATTRIBUTE_TEMPLATE:
        return FORM_VERBATIM;
    default:
        return FORM_TEXT;
    }
}

static const DagAttribute *
find_typed(const DagElementType *type, const char *name)
{
    for (size_t i = 0; i < type->n_attributes; i++)
        if (type->attributes[i].name && dag__same_word(type->attributes[i].name, name))
            return &type->attributes[i];
    return NULL;
}

/* Append an attribute of the element to `pairs`. */
static void
add_pair(GArray *pairs, const Element *element, const Attribute *attribute,
         const DagAttribute *rule, DagBuilder *builder)
{
    const char *name =
        element->type ? element->type->name : dag__elements[element->kind].name;
    DagPair pair = {.name = written(attribute->prefix, attribute->name)};
    char *value = g_strndup(attribute->value, attribute->length);
    DagFormValue parsed;
    g_autofree char *problem = dag__form_parse(form_of(rule), value, &parsed);

    pair.value_location =
        dag__tag_value_location(&element->tag, pair.name, attribute->value);
    if (rule && form_of(rule) == FORM_VERBATIM)
        warn_of_line_end(element, attribute, pair.name, pair.value_location, builder);
    if (problem) {
        refuse_value(builder, (Spot){name, pair.name, pair.value_location}, problem);
        g_clear_pointer(&value, g_free);
    }
    pair.value = value;
    g_array_append_val(pairs, pair);
}

/* Complain about an attribute of a kind's element that belongs to <task>, or is the word of another
 * tool.  Return false if the builder will say as much about it. */
static bool
refuse_misplaced(const Element *element, const Attribute *attribute, const char *name,
                 DagBuilder *builder)
{
    const char *hint = dag__attribute_hint(ELEMENT_KIND, name);
    bool is_of_task = find_rule(&dag__elements[ELEMENT_TASK], attribute) >= 0;

    if (element->kind != ELEMENT_KIND || (!hint && !is_of_task))
        return false;
    dag_builder_complain(builder,
                         dag__tag_value_location(&element->tag, name, attribute->value),
                         "unknown attribute \"%s\" on <%s>%s", name, element->type->name,
                         is_of_task ? "; it belongs to <task>" : hint);
    return true;
}

void
dag__pairs_read(GArray *pairs, const Element *element, DagBuilder *builder)
{
    for (int i = 0; i < element->n_attributes; i++) {
        Attribute attribute = attribute_at(element, i);
        g_autofree char *name = NULL;
        const DagAttribute *rule;

        if (is_ignored(&attribute))
            continue;
        name = written(attribute.prefix, attribute.name);
        rule = find_typed(element->type, name);
        if (rule || !refuse_misplaced(element, &attribute, name, builder))
            add_pair(pairs, element, &attribute, rule, builder);
    }
}

/* Read an attribute that is not in the table of the element. */
static void
read_further(KindAttributes *further, const Element *element, const Attribute *attribute,
             DagBuilder *builder)
{
    const DagAttribute *rule = find_further(further, attribute);

    if (rule)
        add_pair(further->pairs, element, attribute, rule, builder);
    else
        refuse_unknown(element, attribute, further, builder);
}

bool
dag__values_read(Values *values, const Element *element, KindAttributes *further,
                 DagBuilder *builder)
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
            read_further(further, element, &attribute, builder);
        else
            read_value(values, element, &attribute, slot, builder);
    }
    return has_required(values, element, builder);
}
