/* SPDX-License-Identifier: MIT */
/*
 * Which element stands where: the namespaces, the root, the tables of the vocabulary.
 */
#include "load/loader.h"

#include <dagrun/suggest.h>
#include <string.h>

static Space
identify_space(const char *space)
{
    if (!space)
        return SPACE_OTHER;
    if (strcmp(space, DAG__NAMESPACE) == 0)
        return SPACE_GRAPH;
    return strcmp(space, DAG__XINCLUDE) == 0 ? SPACE_XINCLUDE : SPACE_OTHER;
}

static DagElementKind
find_element(const char *name)
{
    for (DagElementKind kind = ELEMENT_GRAPH; kind < ELEMENT_INCLUDE; kind++)
        if (dag__same_word(dag__elements[kind].name, name))
            return kind;
    return N_ELEMENT_KINDS;
}

static const DagKind *
find_kind(const Loader *loader, const char *name)
{
    for (size_t i = 0; loader->options->kinds && loader->options->kinds[i]; i++)
        if (dag__same_word(loader->options->kinds[i]->name, name))
            return loader->options->kinds[i];
    return NULL;
}

void
dag__loader_identify(const Loader *loader, Element *element, const char *space)
{
    element->space = identify_space(space);
    if (element->space == SPACE_XINCLUDE) {
        element->kind =
            strcmp(element->name, "include") == 0 ? ELEMENT_INCLUDE : N_ELEMENT_KINDS;
        return;
    }
    element->kind = find_element(element->name);
    if (element->kind == N_ELEMENT_KINDS) {
        element->task_kind = find_kind(loader, element->name);
        element->kind = element->task_kind ? ELEMENT_KIND : N_ELEMENT_KINDS;
    }
}

static void
refuse_unknown(Loader *loader, const Element *element)
{
    const Frame *parent = loader_top(loader);
    const DagKind *const *kinds =
        parent->kind == ELEMENT_TASK ? loader->options->kinds : NULL;
    DagSuggestion near = dag_suggestion(element->name);

    for (int kind = ELEMENT_GRAPH; kind < ELEMENT_KIND; kind++)
        if (dag__elements[kind].parents & (1U << parent->kind))
            dag_suggestion_consider(&near, dag__elements[kind].name);
    for (; kinds && *kinds; kinds++)
        dag_suggestion_consider(&near, (*kinds)->name);

    g_autofree char *hint = dag_suggestion_text(&near);

    dag_builder_complain(loader->builder, element->tag.location,
                         "unknown element \"%s\" in <%s>%s", element->name, parent->name,
                         hint);
}

static bool
may_stand_in(const Element *element, const Frame *parent)
{
    return dag__elements[element->kind].parents & (1U << parent->kind);
}

/* Returns: whether a root element is one, and where it may be. */
static bool
admit_root(Loader *loader, const Element *element)
{
    DagElementKind kind = element->space == SPACE_GRAPH ? element->kind : N_ELEMENT_KINDS;
    DagLocation location = element->tag.location;

    if (element->source->parent) {
        if (kind == ELEMENT_TASKS || kind == ELEMENT_TASK || kind == ELEMENT_PARAM ||
            kind == ELEMENT_PHASE || kind == ELEMENT_POOL)
            return true;
        dag_builder_complain(loader->builder, location,
                             "the root element of an included file is not <tasks>, <task>, "
                             "<param>, <phase> or <pool>");
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

/* Complains of an element that may not stand where it does. */
static void
refuse(Loader *loader, const Element *element)
{
    const Frame *parent = loader_top(loader);
    DagLocation location = element->tag.location;
    g_autofree char *written = dag__element_written(element);
    const char *shown = element->space == SPACE_XINCLUDE ? written : element->name;

    if (element->space == SPACE_OTHER)
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

bool
dag__loader_admit(Loader *loader, const Element *element)
{
    const Frame *parent = loader_top(loader);

    if (!element->source->root_seen) {
        element->source->root_seen = true;
        return admit_root(loader, element);
    }
    if (element->space != SPACE_OTHER && element->kind != N_ELEMENT_KINDS &&
        may_stand_in(element, parent) &&
        !(parent->kind == ELEMENT_TASK && loader->task.kind))
        return true;
    refuse(loader, element);
    return false;
}
