/* SPDX-License-Identifier: MIT */
/*
 * The identity of an element, from its name, namespace and parent, and the places where it is
 * allowed: the namespaces, the root, the tables of the vocabulary and of kinds.
 */
#include "load/hints.h"
#include "load/loader.h"

#include <dagrun/suggest.h>
#include <string.h>

static Space
identify_space(const char *space)
{
    if (!space)
        return SPACE_NONE;
    if (strcmp(space, DAG__NAMESPACE) == 0)
        return SPACE_GRAPH;
    return strcmp(space, DAG__XINCLUDE) == 0 ? SPACE_XINCLUDE : SPACE_FOREIGN;
}

/* Return true if the root of the file shows that this namespace stands for ours. */
static bool
is_mistaken(const DagSource *source, const char *space)
{
    return source->has_mistaken_space && g_strcmp0(source->mistaken_space, space) == 0;
}

/* The parts of a machine have names that are common in other vocabularies, so they are known there
 * only. */
static DagElementKind
find_element(const char *name, DagElementKind parent)
{
    for (DagElementKind kind = ELEMENT_GRAPH; kind < ELEMENT_INCLUDE; kind++)
        if (dag__same_word(dag__elements[kind].name, name) &&
            (dag__elements[kind].parents != 1U << ELEMENT_MACHINE ||
             parent == ELEMENT_MACHINE))
            return kind;
    return N_ELEMENT_KINDS;
}

/* Fill in the element of a task's kind.  Return false if it is none. */
static bool
identify_kind(const Loader *loader, Element *element)
{
    const DagKind *const *kinds = loader->options->kinds;

    for (size_t i = 0; kinds && kinds[i]; i++)
        if (dag__same_word(loader->kind_types[i].name, element->name)) {
            element->task_kind = kinds[i];
            element->type = &loader->kind_types[i];
            return true;
        }
    return false;
}

/* Fill in an element that a kind declares beside tasks.  Return false if it is none. */
static bool
identify_declaration(const Loader *loader, Element *element)
{
    for (guint i = 0; i < loader->declarations->len; i++) {
        const DagDeclarationType *declaration = loader->declarations->pdata[i];

        if (dag__same_word(declaration->element.name, element->name)) {
            element->declaration = declaration;
            element->type = &declaration->element;
            return true;
        }
    }
    return false;
}

/* Fill in an element that the table of its parent has.  Return false if it is none. */
static bool
identify_part(const DagElementType *parent, Element *element)
{
    for (size_t i = 0; parent && i < parent->n_children; i++)
        if (parent->children[i].name &&
            dag__same_word(parent->children[i].name, element->name)) {
            element->type = &parent->children[i];
            return true;
        }
    return false;
}

void
dag__loader_identify(const Loader *loader, Element *element, const char *space)
{
    const Frame *parent = loader_top(loader);

    element->space_name = space;
    element->space =
        is_mistaken(element->source, space) ? SPACE_GRAPH : identify_space(space);
    if (element->space == SPACE_XINCLUDE) {
        element->kind =
            strcmp(element->name, "include") == 0 ? ELEMENT_INCLUDE : N_ELEMENT_KINDS;
        return;
    }
    if (parent->node && identify_part(parent->node->type, element)) {
        element->kind = ELEMENT_PART;
        return;
    }
    element->kind = find_element(element->name, parent->kind);
    if (element->kind != N_ELEMENT_KINDS)
        return;
    if (identify_kind(loader, element))
        element->kind = ELEMENT_KIND;
    else if (identify_declaration(loader, element))
        element->kind = ELEMENT_DECLARATION;
}

/* Consider the elements of kinds that `parent` may hold. */
static void
consider_types(const Loader *loader, const Frame *parent, DagSuggestion *near)
{
    const DagElementType *type = parent->node ? parent->node->type : NULL;

    for (size_t i = 0; type && i < type->n_children; i++)
        if (type->children[i].name)
            dag_suggestion_consider(near, type->children[i].name);
    for (size_t i = 0; parent->kind == ELEMENT_TASK && loader->kind_types[i].name; i++)
        dag_suggestion_consider(near, loader->kind_types[i].name);
    for (guint i = 0; (parent->kind == ELEMENT_GRAPH || parent->kind == ELEMENT_TASKS) &&
                      i < loader->declarations->len;
         i++) {
        const DagDeclarationType *declaration = loader->declarations->pdata[i];

        dag_suggestion_consider(near, declaration->element.name);
    }
}

/* Return "; the kinds of tasks are a, b and c"; free with g_free(). */
static char *
list_kinds(const Loader *loader)
{
    g_autoptr(GString) list = g_string_new("; a task is one of:");

    for (size_t i = 0; loader->kind_types[i].name; i++)
        if (*loader->kind_types[i].name)
            g_string_append_printf(list, " <%s>", loader->kind_types[i].name);
    return g_string_free(g_steal_pointer(&list), FALSE);
}

/* Return the end of the message about an unknown element; free with g_free(). */
static char *
hint_for(const Loader *loader, const Frame *parent, const Element *element,
         const DagSuggestion *near)
{
    const char *known = dag__element_hint(parent->kind, element->name);

    if (known)
        return g_strdup(known);
    if (parent->kind == ELEMENT_TASK && !near->best && loader->kind_types[0].name)
        return list_kinds(loader);
    return dag_suggestion_text(near);
}

static void
refuse_unknown(Loader *loader, const Element *element)
{
    const Frame *parent = loader_top(loader);
    DagSuggestion near = dag_suggestion(element->name);

    for (int kind = ELEMENT_GRAPH; kind < ELEMENT_KIND; kind++)
        if (dag__elements[kind].parents & (1U << parent->kind))
            dag_suggestion_consider(&near, dag__elements[kind].name);
    consider_types(loader, parent, &near);

    g_autofree char *hint = hint_for(loader, parent, element, &near);

    dag_builder_complain(loader->builder, element->tag.location,
                         "unknown element \"%s\" in <%s>%s", element->name, parent->name,
                         hint);
}

static bool
may_stand_in(const Element *element, const Frame *parent)
{
    return dag__elements[element->kind].parents & (1U << parent->kind);
}

/* Complain about a root element that is one of ours but for its namespace, and take all elements of
 * that namespace for ours, to find other mistakes. */
static void
mend_namespace(Loader *loader, Element *element)
{
    if (element->space == SPACE_GRAPH || element->kind >= ELEMENT_KIND)
        return;
    element->source->has_mistaken_space = true;
    element->source->mistaken_space = element->space_name;
    element->space = SPACE_GRAPH;
    dag_builder_complain(
        loader->builder, element->tag.location,
        "<%s> is not in the namespace of dagrun: write <%s xmlns=\"" DAG__NAMESPACE "\">",
        element->name, element->name);
}

/* Return true if the element may be the root of its file; complain otherwise. */
static bool
admit_root(Loader *loader, Element *element)
{
    DagLocation location = element->tag.location;
    DagElementKind kind;

    mend_namespace(loader, element);
    kind = element->space == SPACE_GRAPH ? element->kind : N_ELEMENT_KINDS;
    if (element->source->parent) {
        if (kind == ELEMENT_TASKS || kind == ELEMENT_TASK || kind == ELEMENT_PARAM ||
            kind == ELEMENT_PHASE || kind == ELEMENT_POOL || kind == ELEMENT_MACHINE ||
            kind == ELEMENT_DECLARATION)
            return true;
        dag_builder_complain(loader->builder, location,
                             "the root element of an included file is not <tasks>, <task>, "
                             "<param>, <phase>, <pool> or <machine>");
    } else {
        if (kind == ELEMENT_GRAPH)
            return true;
        dag_builder_complain(loader->builder, location,
                             "the root element is not <graph xmlns=\"" DAG__NAMESPACE
                             "\">");
    }
    dag__loader_stop(loader, element->source);
    return false;
}

/* Complain about an element that is not allowed where it stands. */
static void
refuse(Loader *loader, const Element *element)
{
    const Frame *parent = loader_top(loader);
    DagLocation location = element->tag.location;
    g_autofree char *written = dag__element_written(element);
    const char *shown = element->space == SPACE_XINCLUDE ? written : element->name;

    if (element->space == SPACE_NONE || element->space == SPACE_FOREIGN)
        dag_builder_complain(
            loader->builder, location,
            "element \"%s\" is not in the namespace \"" DAG__NAMESPACE "\"", written);
    else if (element->kind == N_ELEMENT_KINDS && element->space == SPACE_GRAPH)
        refuse_unknown(loader, element);
    else if (element->kind == N_ELEMENT_KINDS || !may_stand_in(element, parent))
        dag_builder_complain(loader->builder, location, "<%s> is not allowed in <%s>",
                             shown, parent->name);
    else
        dag_builder_complain(loader->builder, location, "<%s> is not allowed after <%s>",
                             shown, loader->task.kind->name);
}

/* Return true if elements of other vocabularies may stand in `parent`: not where they would take text
 * away. */
static bool
holds_notes(const Frame *parent)
{
    return !parent->node || parent->node->type->text == DAG_TEXT_NONE;
}

static bool
is_ours(const Element *element)
{
    return element->space == SPACE_GRAPH || element->space == SPACE_XINCLUDE;
}

bool
dag__loader_admit(Loader *loader, Element *element)
{
    const Frame *parent = loader_top(loader);

    if (!element->source->root_seen) {
        element->source->root_seen = true;
        return admit_root(loader, element);
    }
    if (element->space == SPACE_FOREIGN && holds_notes(parent)) {
        if (element->kind < ELEMENT_KIND)
            dag_builder_warn(loader->builder, element->tag.location,
                             "<%s> is ignored: it is not in the namespace \"" DAG__NAMESPACE
                             "\"",
                             element->name);
        return false;
    }
    if (is_ours(element) && element->kind != N_ELEMENT_KINDS &&
        may_stand_in(element, parent) &&
        !(parent->kind == ELEMENT_TASK && loader->task.kind))
        return true;
    refuse(loader, element);
    return false;
}
