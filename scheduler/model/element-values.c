/* SPDX-License-Identifier: MIT */
/*
 * The functions by which a kind's configure() reads its element.
 */
#include "model/element.h"

#include "model/declared.h"

#include <string.h>

/* Return whether the child is called `name`, or `name` is NULL. */
static bool
is_called(const DagElement *element, size_t child, const char *name)
{
    return !name || strcmp(element->spec->children[child].name, name) == 0;
}

size_t
dag_element_n_children(const DagElement *element, const char *name)
{
    size_t n = 0;

    g_return_val_if_fail(element, 0);
    for (size_t i = 0; i < element->spec->n_children; i++)
        n += is_called(element, i, name);
    return n;
}

DagElement *
dag_element_child(DagElement *element, const char *name, size_t index)
{
    g_return_val_if_fail(element, NULL);
    for (size_t i = 0; i < element->spec->n_children; i++)
        if (is_called(element, i, name) && index-- == 0)
            return &element->children[i];
    return NULL;
}

const char *
dag_element_name(const DagElement *element)
{
    g_return_val_if_fail(element, NULL);
    return element->spec->name;
}

const char *
dag_element_directory(const DagElement *element)
{
    g_return_val_if_fail(element, NULL);
    return element->builder->directory;
}

const DagElement *
dag_element_of_task(const DagElement *element)
{
    g_return_val_if_fail(element && element->task, NULL);
    return element->task;
}

/* Return the value of an attribute of this type, which the table has; NULL if it is absent. */
static const Value *
value_of(const DagElement *element, const char *name, DagAttributeType type)
{
    g_return_val_if_fail(element && name, NULL);
    for (size_t i = 0; i < element->type->n_attributes; i++) {
        const DagAttribute *attribute = &element->type->attributes[i];

        if (attribute->type == type && strcmp(attribute->name, name) == 0)
            return element->values[i].is_given ? &element->values[i] : NULL;
    }
    g_critical("<%s> has no attribute \"%s\" of this type", element->type->name, name);
    return NULL;
}

const DagTemplate *
dag_element_task(const DagElement *element, const char *name)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_TASK);

    return value ? value->template : NULL;
}

int64_t
dag_element_duration_ns(const DagElement *element, const char *name)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_DURATION);

    return value ? value->integer : -1;
}

const char *
dag_element_string(const DagElement *element, const char *name)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_TEXT);

    return value ? value->text : NULL;
}

const DagTemplate *
dag_element_reference(const DagElement *element, const char *name)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_TEMPLATE);

    return value ? value->template : NULL;
}

double
dag_element_number(const DagElement *element, const char *name, double otherwise)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_NUMBER);

    return value ? value->number : otherwise;
}

int64_t
dag_element_size(const DagElement *element, const char *name, int64_t otherwise)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_SIZE);

    return value ? value->integer : otherwise;
}

int
dag_element_choice(const DagElement *element, const char *name, int otherwise)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_CHOICE);

    return value ? (int)value->integer : otherwise;
}

bool
dag_element_boolean(const DagElement *element, const char *name, bool otherwise)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_BOOLEAN);

    return value ? value->boolean : otherwise;
}

const char *const *
dag_element_words(const DagElement *element, const char *name)
{
    static const char *const none[] = {NULL};
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_WORDS);

    return value ? value->words : none;
}

const DagDeclared *
dag_element_declared(const DagElement *element, const char *name)
{
    const Value *value = value_of(element, name, DAG_ATTRIBUTE_DECLARED);

    return value ? value->declared : NULL;
}

const DagDeclared *
dag_element_named(DagElement *element, const char *of, const char *name)
{
    g_return_val_if_fail(element && element->task_spec && of && name, NULL);
    return dag__builder_mention_declared(element->builder, of, name,
                                         element->spec->location);
}

const char *
dag_element_expect(const DagElement *element)
{
    g_return_val_if_fail(element && element->task_spec, NULL);
    return element->task_spec->expect;
}

const char *
dag_element_retry_on(const DagElement *element)
{
    g_return_val_if_fail(element && element->task_spec, NULL);
    return element->task_spec->retry_on;
}

void
dag_element_suggest_timeout(DagElement *element, int64_t timeout_ns)
{
    g_return_if_fail(element && timeout_ns > 0);
    if (element->timeout_ns)
        *element->timeout_ns = timeout_ns;
}

void
dag_element_suggest_retries(DagElement *element, unsigned retries)
{
    g_return_if_fail(element && retries > 0 && retries < DAG_MAX_ATTEMPTS);
    if (element->retries)
        *element->retries = (int32_t)retries;
}

void
dag_element_suggest_tokens(DagElement *element, uint64_t tokens)
{
    g_return_if_fail(element && tokens > 0);
    if (element->tokens)
        *element->tokens = (uint32_t)MIN(tokens, UINT32_MAX);
}

void
dag_element_suggest_cost(DagElement *element, double seconds)
{
    g_return_if_fail(element);
    if (element->cost)
        *element->cost = seconds > 0 ? seconds : DAG_ZERO;
}
