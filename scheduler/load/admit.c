/* SPDX-License-Identifier: MIT */
/*
 * Which element stands where: the namespaces, the root, the tables of the vocabulary.
 */
#include "load/loader.h"

#include <dagrun/suggest.h>
#include <string.h>

const DagKind *
dag__loader_find_kind(const Loader *loader, const char *name)
{
    for (size_t i = 0; loader->options->kinds && loader->options->kinds[i]; i++)
        if (strcmp(loader->options->kinds[i]->name, name) == 0)
            return loader->options->kinds[i];
    return NULL;
}

DagElementKind
dag__loader_find_element(const Loader *loader, const char *name, const char *space)
{
    if (space && strcmp(space, DAG__XINCLUDE) == 0)
        return strcmp(name, "include") == 0 ? ELEMENT_INCLUDE : N_ELEMENT_KINDS;
    for (DagElementKind kind = ELEMENT_GRAPH; kind < ELEMENT_INCLUDE; kind++)
        if (strcmp(dag__elements[kind].name, name) == 0)
            return kind;
    return dag__loader_find_kind(loader, name) ? ELEMENT_KIND : N_ELEMENT_KINDS;
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

    dag_builder_complain(loader->builder, dag__source_element_place(element->source),
                         "unknown element \"%s\" in <%s>%s", element->name, parent->name,
                         hint);
}

/* Returns: whether a root element is one, and where it may be. */
static bool
admit_root(Loader *loader, const Element *element, DagElementKind kind)
{
    DagPlace place = dag__source_element_place(element->source);

    if (element->source->parent) {
        if (kind == ELEMENT_TASKS || kind == ELEMENT_TASK || kind == ELEMENT_PARAM ||
            kind == ELEMENT_PHASE || kind == ELEMENT_POOL)
            return true;
        dag_builder_complain(loader->builder, place,
                             "the root element of an included file is not <tasks>, <task>, "
                             "<param>, <phase> or <pool>");
    } else {
        if (kind == ELEMENT_GRAPH)
            return true;
        dag_builder_complain(loader->builder, place,
                             "the root element is not <graph xmlns=\"" DAG__NAMESPACE
                             "\">");
    }
    dag__loader_stop(loader, element->source);
    return false;
}

bool
dag__loader_admit(Loader *loader, const Element *element, DagElementKind kind)
{
    const Frame *parent = loader_top(loader);
    DagPlace place = dag__source_element_place(element->source);
    bool of_xinclude = element->space && strcmp(element->space, DAG__XINCLUDE) == 0;
    bool of_graph = element->space && strcmp(element->space, DAG__NAMESPACE) == 0;

    if (!element->source->root_seen) {
        element->source->root_seen = true;
        return admit_root(loader, element, of_graph ? kind : N_ELEMENT_KINDS);
    }

    g_autofree char *written = dag__element_written(element);
    const char *shown = of_xinclude ? written : element->name;

    if (!of_graph && !of_xinclude)
        dag_builder_complain(
            loader->builder, place,
            "element \"%s\" is not in the namespace \"" DAG__NAMESPACE "\"", written);
    else if (kind == N_ELEMENT_KINDS && !of_xinclude)
        refuse_unknown(loader, element);
    else if (kind == N_ELEMENT_KINDS ||
             !(dag__elements[kind].parents & (1U << parent->kind)))
        dag_builder_complain(loader->builder, place, "<%s> is not allowed in <%s>", shown,
                             parent->name);
    else if (parent->kind == ELEMENT_TASK && loader->task.kind)
        dag_builder_complain(loader->builder, place, "<%s> is not allowed after <%s>",
                             shown, loader->task.kind->name);
    else
        return true;
    return false;
}
