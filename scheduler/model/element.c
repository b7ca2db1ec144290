/* SPDX-License-Identifier: MIT */
/*
 * The elements that kinds declare: checked against the kind's tables, converted, then read by
 * its configure(), which sees typed values and templates and never XML.
 */
#include "model/element.h"
#include "model/declared.h"
#include "model/value.h"

#include <dagrun/error.h>
#include <dagrun/suggest.h>
#include <string.h>

/* Report a problem; the element will not be configured. */
G_GNUC_PRINTF(3, 4)
static void
complain(const DagElement *element, DagLocation location, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    dag__findings_add(element->builder->findings, location, format, args);
    va_end(args);
    element->root->is_bad = true;
}

/* Return the location of a problem with an attribute's value. */
static DagLocation
value_location(const DagElement *element, const DagPair *pair)
{
    return pair->value_location.line ? pair->value_location : element->spec->location;
}

G_GNUC_PRINTF(3, 4)
static void
refuse_value(const DagElement *element, const DagPair *pair, const char *format, ...)
{
    va_list args;

    va_start(args, format);

    g_autofree char *problem = g_strdup_vprintf(format, args);

    va_end(args);
    complain(element, value_location(element, pair), "attribute \"%s\" of <%s>: %s",
             pair->name, element->spec->name, problem);
}

/* Return the template, or NULL with `error` set. */
static const DagTemplate *
escaped_template(const DagElement *element, const DagPair *pair, DagEscape escape,
                 GError **error)
{
    DagTemplate *template = dag__builder_add_template(
        element->builder, pair->value, element->outside, pair->value_location, error);

    if (template && !dag__template_escape(template, pair->value, escape, error))
        return NULL;
    return template;
}

/* Note the references in a value where a secret does not belong.  The begin of a URL may be all of it, which
 * some servers give out as a secret. */
static void
note_exposures(const DagElement *element, const DagAttribute *attribute,
               const DagPair *pair, const DagTemplate *template)
{
    Exposure exposure = {
        .element = element->type->name,
        .attribute = attribute,
        .spot = dag__builder_spot(element->builder, value_location(element, pair))};

    for (uint32_t i = attribute->escape == DAG_ESCAPE_URL; i < template->n_segments; i++) {
        exposure.name = template->segments[i].task;
        if (!segment_is_literal(&template->segments[i]))
            g_array_append_val(element->builder->exposures, exposure);
    }
}

static bool
read_template(DagElement *element, const DagAttribute *attribute, const DagPair *pair,
              Value *value)
{
    g_autoptr(GError) error = NULL;

    value->template = escaped_template(element, pair, attribute->escape, &error);
    if (!value->template)
        refuse_value(element, pair, "%s", error->message);
    else if (attribute->no_secret)
        note_exposures(element, attribute, pair, value->template);
    return value->template != NULL;
}

static void
read_task(DagElement *element, const DagPair *pair, Value *value)
{
    DagBuilder *builder = element->builder;
    uint32_t name = dag__builder_mention(builder, pair->value, strlen(pair->value),
                                         MENTION_READS, pair->value_location);
    DagTemplate *template = dag__template_of_reference(builder->arena, name);

    dag__builder_add_edge(builder, name, EDGE_IS_READ);
    g_ptr_array_add(builder->templates, template);
    value->template = template;
}

static bool
read_choice(DagElement *element, const DagAttribute *attribute, const DagPair *pair,
            Value *value)
{
    DagSuggestion near = dag_suggestion(pair->value);

    for (int64_t i = 0; attribute->choices[i]; i++) {
        if (strcmp(attribute->choices[i], pair->value) == 0) {
            value->integer = i;
            return true;
        }
        dag_suggestion_consider(&near, attribute->choices[i]);
    }

    g_autofree char *all = g_strjoinv(" ", (char **)(void *)attribute->choices);
    g_autofree char *hint = dag_suggestion_text(&near);

    refuse_value(element, pair, "\"%s\" is not one of: %s%s", pair->value, all, hint);
    return false;
}

static const char *const *
copy_words(DagBuilder *builder, const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    const char **copy =
        dag__arena_alloc(builder->arena, (g_strv_length(words) + 1) * sizeof(char *));
    size_t n = 0;

    for (char **word = words; *word; word++)
        if (**word)
            copy[n++] = dag__arena_strdup(builder->arena, *word);
    return copy;
}

/* Read an attribute; its conversion reports a problem as a string. */
static bool
read_scalar(DagElement *element, const DagAttribute *attribute, const DagPair *pair,
            Value *value)
{
    g_autofree char *problem = NULL;
    uint64_t count = 0;

    switch (attribute->type) {
    case DAG_ATTRIBUTE_DURATION:
        problem = dag__parse_duration(pair->value, &value->integer);
        break;
    case DAG_ATTRIBUTE_SIZE:
        problem = dag__parse_size(pair->value, &value->integer);
        break;
    case DAG_ATTRIBUTE_SLOTS:
        problem = dag__parse_count(pair->value, 1, UINT32_MAX, &count);
        value->integer = (int64_t)count;
        break;
    case DAG_ATTRIBUTE_NUMBER:
        problem =
            dag__parse_number(pair->value, attribute->min, attribute->max, &value->number);
        break;
    default:
        problem = dag__parse_boolean(pair->value, &value->boolean);
        dag__builder_use_one(element->builder, value->boolean ? attribute->resource : NULL);
        break;
    }
    if (problem)
        refuse_value(element, pair, "%s", problem);
    return !problem;
}

/* Convert the value of `pair`.  Return false, after complaining, if it is invalid. */
static bool
read_value(DagElement *element, const DagAttribute *attribute, const DagPair *pair,
           Value *value)
{
    switch (attribute->type) {
    case DAG_ATTRIBUTE_TASK:
        read_task(element, pair, value);
        return true;
    case DAG_ATTRIBUTE_TEMPLATE:
        return read_template(element, attribute, pair, value);
    case DAG_ATTRIBUTE_TEXT:
    case DAG_ATTRIBUTE_NAME:
    case DAG_ATTRIBUTE_USES:
        value->text = dag__arena_strdup(element->builder->arena, pair->value);
        return true;
    case DAG_ATTRIBUTE_CHOICE:
        return read_choice(element, attribute, pair, value);
    case DAG_ATTRIBUTE_WORDS:
        value->words = copy_words(element->builder, pair->value);
        return true;
    case DAG_ATTRIBUTE_DECLARED:
        value->declared = dag__builder_mention_declared(
            element->builder, attribute->of, pair->value, value_location(element, pair));
        if (!element->outside)
            dag__builder_use_declared(element->builder, value->declared);
        return true;
    case DAG_ATTRIBUTE_DURATION:
    case DAG_ATTRIBUTE_SIZE:
    case DAG_ATTRIBUTE_SLOTS:
    case DAG_ATTRIBUTE_NUMBER:
    case DAG_ATTRIBUTE_BOOLEAN:
        break;
    }
    return read_scalar(element, attribute, pair, value);
}

static const DagPair *
find_pair(const DagElementSpec *spec, const char *name)
{
    for (size_t i = 0; i < spec->n_attributes; i++)
        if (strcmp(spec->attributes[i].name, name) == 0)
            return &spec->attributes[i];
    return NULL;
}

/* Complain about an attribute that the element cannot have. */
static void
refuse_attribute(const DagElement *element, const DagPair *pair)
{
    DagSuggestion near = dag_suggestion(pair->name);

    for (size_t i = 0; i < element->type->n_attributes; i++)
        dag_suggestion_consider(&near, element->type->attributes[i].name);

    g_autofree char *hint = dag_suggestion_text(&near);

    complain(element, value_location(element, pair), "unknown attribute \"%s\" on <%s>%s",
             pair->name, element->spec->name, hint);
}

static bool
has_attribute(const DagElementType *type, const char *name)
{
    for (size_t i = 0; i < type->n_attributes; i++)
        if (strcmp(type->attributes[i].name, name) == 0)
            return true;
    return false;
}

static void
read_attributes(DagElement *element)
{
    const DagElementSpec *spec = element->spec;

    for (size_t i = 0; i < element->type->n_attributes; i++) {
        const DagAttribute *attribute = &element->type->attributes[i];
        const DagPair *pair = find_pair(spec, attribute->name);
        Value *value = &element->values[i];

        if (pair && pair->value)
            value->is_given = read_value(element, attribute, pair, value);
        else if (!pair && attribute->required)
            complain(element, spec->location, "<%s> lacks the attribute \"%s\"", spec->name,
                     attribute->name);
    }
    for (size_t i = 0; i < spec->n_attributes; i++)
        if (!has_attribute(element->type, spec->attributes[i].name))
            refuse_attribute(element, &spec->attributes[i]);
}

static const DagElementType *
find_child_type(const DagElementType *type, const char *name)
{
    for (size_t i = 0; i < type->n_children; i++)
        if (strcmp(type->children[i].name, name) == 0)
            return &type->children[i];
    return NULL;
}

/* Complain about a child that the element cannot have. */
static void
refuse_child(const DagElement *element, const DagElementSpec *child)
{
    DagSuggestion near = dag_suggestion(child->name);

    for (size_t i = 0; i < element->type->n_children; i++)
        dag_suggestion_consider(&near, element->type->children[i].name);

    g_autofree char *hint = dag_suggestion_text(&near);

    complain(element, child->location, "unknown element \"%s\" in <%s>%s", child->name,
             element->spec->name, hint);
}

/* Check how often each child occurs. */
static void
count_children(const DagElement *element)
{
    const DagElementSpec *spec = element->spec;

    for (size_t t = 0; t < element->type->n_children; t++) {
        const DagElementType *type = &element->type->children[t];
        bool may_repeat = type->occurs == DAG_OCCURS_ANY || type->occurs == DAG_OCCURS_SOME;
        size_t n = 0;

        for (size_t i = 0; i < spec->n_children; i++)
            if (strcmp(spec->children[i].name, type->name) == 0 && ++n == 2 && !may_repeat)
                complain(element, spec->children[i].location, "<%s> has more than one <%s>",
                         spec->name, type->name);
        if (n == 0 && (type->occurs == DAG_OCCURS_ONCE || type->occurs == DAG_OCCURS_SOME))
            complain(element, spec->location, "<%s> lacks the element <%s>", spec->name,
                     type->name);
    }
}

/* Recursion is as deep as the kind's tables, which are bounded.  NOLINTBEGIN(misc-no-recursion) */

/* Check and convert one element with its children.  Clear it with element_clear(). */
static void
element_init(DagElement *element, const DagElement *root, const DagElementType *type,
             const DagElementSpec *spec)
{
    *element = (DagElement){.builder = root->builder,
                            .outside = root->outside,
                            .root = (DagElement *)root,
                            .type = type,
                            .spec = spec};
    element->values = type->n_attributes > 0 ? g_new0(Value, type->n_attributes) : NULL;
    read_attributes(element);
    if (type->text == DAG_TEXT_REQUIRED && !(spec->text && *spec->text))
        complain(element, spec->location, "<%s> is empty", spec->name);
    else if (type->text == DAG_TEXT_NONE && spec->text && *spec->text)
        complain(element, spec->location, "text is not allowed in <%s>", spec->name);
    if (type->n_children == 0 && spec->n_children == 0)
        return;
    element->children = g_new0(DagElement, spec->n_children + 1);
    for (size_t i = 0; i < spec->n_children; i++) {
        const DagElementType *child = find_child_type(type, spec->children[i].name);

        if (child)
            element_init(&element->children[i], element->root, child, &spec->children[i]);
        else
            refuse_child(element, &spec->children[i]);
    }
    count_children(element);
}

static void
element_clear(DagElement *element)
{
    for (size_t i = 0; element->children && i < element->spec->n_children; i++)
        if (element->children[i].type)
            element_clear(&element->children[i]);
    g_free(element->children);
    g_free(element->values);
}

/* NOLINTEND(misc-no-recursion) */

/* Call `function` unless the element has a problem: its tables hold then. */
static void *
configure(DagElement *element, void *(*function)(DagElement *, GError **))
{
    g_autoptr(GError) error = NULL;
    void *config;

    if (!function || element->is_bad || (element->task && element->task->is_bad))
        return NULL;
    config = function(element, &error);
    if (error)
        complain(element, element->spec->location, "<%s>: %s", element->spec->name,
                 error->message);
    return config;
}

const void *
dag__builder_configure(DagBuilder *builder, const DagTaskSpec *spec, double *cost,
                       DagPolicy *policy)
{
    const DagKind *kind = spec->kind;
    const DagElementType type = dag__kind_element(kind);
    const DagElementType task_type = {.name = "task",
                                      .attributes = kind->task_attributes,
                                      .n_attributes = kind->n_task_attributes};
    const DagElementSpec kind_spec = {.name = kind->name,
                                      .attributes = spec->attributes,
                                      .n_attributes = spec->n_attributes,
                                      .text = spec->text,
                                      .children = spec->children,
                                      .n_children = spec->n_children,
                                      .location = spec->kind_location};
    const DagElementSpec task_spec = {.name = "task",
                                      .attributes = spec->kind_attributes,
                                      .n_attributes = spec->n_kind_attributes,
                                      .location = spec->location};
    const void *config = spec->config;
    DagElement element = {.builder = builder}, task = element;

    if (!dag__builder_check_kind(builder, kind))
        return NULL;
    element_init(&element, &element, &type, &kind_spec);
    element_init(&task, &task, &task_type, &task_spec);
    element.task = &task;
    element.task_spec = spec;
    element.cost = *cost == 0 ? cost : NULL;
    element.timeout_ns = policy->timeout_ns == 0 ? &policy->timeout_ns : NULL;
    element.retries = policy->retries == 0 ? &policy->retries : NULL;
    element.tokens = policy->tokens == 0 ? &policy->tokens : NULL;
    if (kind->configure)
        config = configure(&element, kind->configure);
    element_clear(&element);
    element_clear(&task);
    return config;
}

/* Note the pools that tasks share by naming the declaration. */
static void
share_pools(const DagElement *element, DagDeclared *declared)
{
    for (size_t i = 0; element->values && i < element->type->n_attributes; i++) {
        const DagAttribute *attribute = &element->type->attributes[i];
        const Value *value = &element->values[i];
        const DagPair *pair = find_pair(element->spec, attribute->name);

        if (!pair || !value->is_given)
            continue;
        if (attribute->type == DAG_ATTRIBUTE_USES) {
            declared->uses = value->text;
            declared->uses_spot =
                dag__builder_spot(element->builder, value_location(element, pair));
        } else if (attribute->type == DAG_ATTRIBUTE_SLOTS) {
            declared->slots = (uint32_t)value->integer;
            declared->slots_name = attribute->name;
        }
    }
}

/* Declare the element under the name in `pair`, and configure it. */
static void
declare(DagElement *element, const DagDeclarationType *type, const DagPair *pair)
{
    DagDeclared *declared = dag__builder_declare(
        element->builder, type->element.name, pair->value, value_location(element, pair));

    if (!declared)
        return;
    share_pools(element, declared);
    declared->config = configure(element, type->configure);
}

void
dag_builder_add_declaration(DagBuilder *builder, const DagDeclarationType *type,
                            const DagElementSpec *spec)
{
    g_return_if_fail(builder && builder->arena && type && spec && spec->name);

    DagElement element = {.builder = builder, .outside = spec->name};

    if (!dag__builder_check_declaration(builder, type))
        return;
    element_init(&element, &element, &type->element, spec);

    for (size_t i = 0; i < type->element.n_attributes; i++) {
        const DagAttribute *attribute = &type->element.attributes[i];
        const DagPair *pair = find_pair(spec, attribute->name);

        if (attribute->type == DAG_ATTRIBUTE_NAME && pair && pair->value)
            declare(&element, type, pair);
    }
    element_clear(&element);
}

void *
dag_element_alloc(DagElement *element, size_t size)
{
    g_return_val_if_fail(element, NULL);
    return dag__arena_alloc(element->builder->arena, size);
}

const char *
dag_element_strdup(DagElement *element, const char *text)
{
    g_return_val_if_fail(element, NULL);
    return dag__arena_strdup(element->builder->arena, text);
}

const char *
dag_element_text(const DagElement *element)
{
    g_return_val_if_fail(element, "");
    return element->spec->text ? element->spec->text : "";
}

void
dag_element_warn(DagElement *element, const char *format, ...)
{
    va_list args;

    g_return_if_fail(element && format);
    va_start(args, format);
    dag__findings_warn(element->builder->findings, element->spec->location, format, args);
    va_end(args);
}

const DagTemplate *
dag_element_template(DagElement *element, const char *text, GError **error)
{
    g_return_val_if_fail(element && text, NULL);
    return dag__builder_add_template(element->builder, text, element->outside,
                                     element->spec->location, error);
}

const DagTemplate *
dag_element_escaped(DagElement *element, const char *text, DagEscape escape, GError **error)
{
    g_return_val_if_fail(element && text, NULL);

    const DagPair pair = {.value = text, .value_location = element->spec->location};

    return escaped_template(element, &pair, escape, error);
}

void
dag_element_add_variable(DagElement *element, const DagVariableUse *use)
{
    g_return_if_fail(element && use && use->name && use->length <= use->id_length);
    dag__builder_add_variable_use(element->builder, use, element->spec->location);
}
