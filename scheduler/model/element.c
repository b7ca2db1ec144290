/* SPDX-License-Identifier: MIT */
/*
 * The element that declares what a task does: checked against the table of its kind, then read
 * by the kind itself, which sees values and templates and never XML.
 */
#include "model/builder.h"

#include <dagrun/duration.h>
#include <dagrun/error.h>
#include <dagrun/suggest.h>
#include <string.h>

#define MAX_ATTRIBUTES 8 /* no kind has more; raise it when one does */

/* The element being declared: what a kind's configure() sees. */
struct DagElement {
    DagBuilder *builder;
    const DagTaskSpec *spec;
    const DagTemplate **tasks; /* [n_attributes of the kind], of DAG_ATTRIBUTE_TASK */
    int64_t *durations;        /* [n_attributes of the kind], of DAG_ATTRIBUTE_DURATION */
    double suggested_cost;     /* see DAG_ZERO */
};

static const DagPair *
find_pair(const DagTaskSpec *spec, const char *name)
{
    for (size_t i = 0; i < spec->n_attributes; i++)
        if (strcmp(spec->attributes[i].name, name) == 0)
            return &spec->attributes[i];
    return NULL;
}

/* Checks and converts one attribute of a kind. */
static void
read_attribute(DagElement *element, size_t i)
{
    DagBuilder *builder = element->builder;
    const DagKind *kind = element->spec->kind;
    const DagAttribute *attribute = &kind->attributes[i];
    const DagPair *pair = find_pair(element->spec, attribute->name);

    if (!pair) {
        if (attribute->required)
            dag_builder_complain(builder, element->spec->kind_location,
                                 "<%s> lacks the attribute \"%s\"", kind->name,
                                 attribute->name);
    } else if (!pair->value) {
        return; /* whoever read it has complained */
    } else if (attribute->type == DAG_ATTRIBUTE_TASK) {
        uint32_t name = dag__builder_mention(builder, pair->value, strlen(pair->value),
                                             MENTION_READS, pair->value_location);
        DagTemplate *template = dag__template_of_reference(builder->arena, name);

        dag__builder_add_edge(builder, name, EDGE_IS_READ);
        g_ptr_array_add(builder->templates, template);
        element->tasks[i] = template;
    } else {
        g_autoptr(GError) error = NULL;

        if (!dag_duration_parse(pair->value, &element->durations[i], &error))
            dag_builder_complain(builder, pair->value_location,
                                 "attribute \"%s\" of <%s>: %s", attribute->name,
                                 kind->name, error->message);
    }
}

/* Attributes that the kind does not have. */
static void
refuse_attributes(DagBuilder *builder, const DagTaskSpec *spec)
{
    const DagKind *kind = spec->kind;

    for (size_t i = 0; i < spec->n_attributes; i++) {
        const DagPair *pair = &spec->attributes[i];
        DagSuggestion near = dag_suggestion(pair->name);
        bool known = false;

        for (size_t k = 0; k < kind->n_attributes; k++) {
            known = known || strcmp(kind->attributes[k].name, pair->name) == 0;
            dag_suggestion_consider(&near, kind->attributes[k].name);
        }
        if (!known) {
            g_autofree char *hint = dag_suggestion_text(&near);

            dag_builder_complain(builder, pair->value_location,
                                 "unknown attribute \"%s\" on <%s>%s", pair->name,
                                 kind->name, hint);
        }
    }
}

const void *
dag__builder_configure(DagBuilder *builder, const DagTaskSpec *spec, double *cost)
{
    const DagKind *kind = spec->kind;
    const DagTemplate *tasks[MAX_ATTRIBUTES] = {NULL};
    int64_t durations[MAX_ATTRIBUTES];
    DagElement element = {builder, spec, tasks, durations, 0};
    g_autoptr(GError) error = NULL;
    const void *config = spec->config;

    g_assert(kind->n_attributes <= MAX_ATTRIBUTES);
    for (size_t i = 0; i < kind->n_attributes; i++) {
        durations[i] = -1;
        read_attribute(&element, i);
    }
    refuse_attributes(builder, spec);
    if (kind->takes_text && !*dag_element_text(&element))
        dag_builder_complain(builder, spec->kind_location, "<%s> is empty", kind->name);
    else if (kind->configure) {
        config = kind->configure(&element, &error);
        if (error)
            dag_builder_complain(builder, spec->kind_location, "<%s>: %s", kind->name,
                                 error->message);
    }
    if (*cost == 0)
        *cost = element.suggested_cost;
    return config;
}

void *
dag_element_alloc(DagElement *element, size_t size)
{
    return dag__arena_alloc(element->builder->arena, size);
}

const char *
dag_element_strdup(DagElement *element, const char *text)
{
    return dag__arena_strdup(element->builder->arena, text);
}

const char *
dag_element_text(const DagElement *element)
{
    return element->spec->text ? element->spec->text : "";
}

const DagTemplate *
dag_element_template(DagElement *element, const char *text, GError **error)
{
    return dag__builder_add_template(element->builder, text, MENTION_REFERS,
                                     element->spec->kind_location, error);
}

static size_t
attribute_index(const DagElement *element, const char *name, DagAttributeType type)
{
    const DagKind *kind = element->spec->kind;

    for (size_t i = 0; i < kind->n_attributes; i++)
        if (kind->attributes[i].type == type && strcmp(kind->attributes[i].name, name) == 0)
            return i;
    g_assert_not_reached();
}

const DagTemplate *
dag_element_task(const DagElement *element, const char *name)
{
    return element->tasks[attribute_index(element, name, DAG_ATTRIBUTE_TASK)];
}

int64_t
dag_element_duration_ns(const DagElement *element, const char *name)
{
    return element->durations[attribute_index(element, name, DAG_ATTRIBUTE_DURATION)];
}

void
dag_element_suggest_cost(DagElement *element, double seconds)
{
    element->suggested_cost = seconds > 0 ? seconds : DAG_ZERO;
}
