/* SPDX-License-Identifier: MIT */
/*
 * The state that the handlers of the loader share: declarations that have been read and not yet
 * passed to the builder.
 */
#pragma once

#include "load/attributes.h"
#include "load/condition.h"
#include "load/include.h"
#include "load/nodes.h"

#include <dagrun/load.h>

typedef struct Loader Loader;

/* An element that has begun and not ended. */
typedef struct Frame {
    DagElementKind kind;
    const char *name;                      /* in messages; borrowed */
    Node *node;                            /* of a kind's element, or NULL; borrowed */
    const DagDeclarationType *declaration; /* of ELEMENT_DECLARATION, or NULL */
    DagLocation location;
    bool text_refused;
} Frame;

struct Loader {
    DagBuilder *builder;
    const DagLoadOptions *options;
    GPtrArray *sources; /* of DagSource *: every file, since locations borrow its name */
    xmlSAXHandler handlers;
    GArray *frames;    /* of Frame; the first is the document */
    unsigned skipping; /* depth below an element that was refused */
    bool broken;       /* reading has stopped: not XML, or over a limit */
    bool is_malformed; /* reading has stopped because a file is not XML */
    GByteArray *piped; /* what such a file holds that cannot be opened again, or NULL */
    bool mends;        /* files are mended before they are parsed */
    /* [n kinds + 1], of the options' kinds; the last has no name. */
    DagElementType *kind_types;
    GPtrArray *declarations; /* of const DagDeclarationType *, of all kinds */
    Inclusions inclusions;
    ConditionEvaluator *evaluator;

    /* The task being read. */
    DagTaskSpec task;
    Values task_values;
    GArray *variables;      /* of DagPair, owned */
    KindAttributes further; /* on <task> */
    Node *kind;             /* its kind's element */

    Node *declaration; /* the declaration being read */
    Values values;     /* of any other element */
};

/* Return the element that the parser is in. */
static inline Frame *
loader_top(const Loader *loader)
{
    return &g_array_index(loader->frames, Frame, loader->frames->len - 1);
}

/* Stop the parsing of `source` and of the files that include it. */
void dag__loader_stop(Loader *loader, DagSource *source);

/* identify.c */

/* Identify the element by its name, its parent and its namespace, which is a URI or NULL. */
void dag__loader_identify(const Loader *loader, Element *element, const char *space);

/* Return true if the element is allowed where it stands; complain otherwise.  A root may get our
 * namespace. */
bool dag__loader_admit(Loader *loader, Element *element);

/* declare.c */

/* Pass the element, whose values have been read, to the builder; a task is kept until its end. */
void dag__loader_begin(Loader *loader, DagElementKind kind, DagLocation location);

/* Begin an element with a type: a kind's, one within it, or a declaration.  Fills in `frame`. */
void dag__loader_begin_typed(Loader *loader, const Element *element, Frame *frame);

/* Pass the task, or the declaration of a kind, to the builder. */
void dag__loader_end_task(Loader *loader);
void dag__loader_end_declaration(Loader *loader, const Frame *frame);
