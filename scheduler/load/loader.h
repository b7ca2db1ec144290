/* SPDX-License-Identifier: MIT */
/*
 * What the handlers of the loader share: what has been read and not yet handed to the builder.
 */
#pragma once

#include "load/attributes.h"
#include "load/condition.h"
#include "load/include.h"

#include <dagrun/load.h>

typedef struct Loader Loader;

/* An element that was begun and not ended. */
typedef struct Frame {
    DagElementKind kind;
    const char *name; /* for people; borrowed */
    DagLocation location;
    bool text_refused;
} Frame;

struct Loader {
    DagBuilder *builder;
    const DagLoadOptions *options;
    GPtrArray *sources; /* of DagSource *: every file met, since places borrow its name */
    xmlSAXHandler handlers;
    GArray *frames;    /* of Frame; the first is the document */
    unsigned skipping; /* depth below an element that was refused */
    bool broken;       /* not XML, or not to be read on */
    Inclusions inclusions;
    ConditionEvaluator *evaluator;

    /* The task being read, and its kind's element. */
    DagTaskSpec task;
    Values task_values;
    GArray *variables; /* of DagPair, owned */
    GArray *pairs;     /* of DagPair, owned: attributes of the kind's element */
    GString *text;     /* of the kind's element */
    Values values;     /* of any other element */
};

/* Returns: the element that the parser is in. */
static inline Frame *
loader_top(const Loader *loader)
{
    return &g_array_index(loader->frames, Frame, loader->frames->len - 1);
}

/* Ends the parsing of `source` and of those that include it. */
void dag__loader_stop(Loader *loader, DagSource *source);

/* admit.c: which element it is, and whether it may stand where it does. */

/* Finds out what the element is by its name and namespace, which is a URI or NULL. */
void dag__loader_identify(const Loader *loader, Element *element, const char *space);

/* Returns: whether the element may stand where it does; complains otherwise. */
bool dag__loader_admit(Loader *loader, const Element *element);
