/* SPDX-License-Identifier: MIT */
/*
 * The attributes of one element: read against the table of the vocabulary, complained of where
 * they do not fit it.
 */
#pragma once

#include "load/source.h"
#include "load/vocabulary.h"

#include <dagrun/builder.h>

typedef enum Space {
    SPACE_OTHER,
    SPACE_GRAPH,
    SPACE_XINCLUDE,
} Space;

/* An element as libxml2 hands it over; borrowed for the time of the handler. */
typedef struct Element {
    DagSource *source;
    DagTag tag;
    const char *name;   /* local */
    const char *prefix; /* or NULL */
    Space space;        /* the namespace */
    const xmlChar **attributes;
    int n_attributes;

    /* What it is by its name; whether it may stand where it does is another question. */
    DagElementKind kind;      /* N_ELEMENT_KINDS: nobody knows */
    const DagKind *task_kind; /* of ELEMENT_KIND, or NULL */
} Element;

/* The attributes that one element in a table can have; what is beyond those is left over from
 * another.  The string is used again and again. */
typedef struct Values {
    GString *text;                             /* all values, each with a NUL behind it */
    const char *value[DAG__MAX_ATTRIBUTES];    /* in text, or NULL: absent, or bad */
    DagLocation location[DAG__MAX_ATTRIBUTES]; /* of the value */
    char *next;                                /* in text: where the next value goes */
    bool has_bad;                              /* a value was bad, and complained of */
} Values;

void dag__values_init(Values *values);
void dag__values_clear(Values *values);

/* Fills `values`.  Returns: whether all that is required is there, and good. */
bool dag__values_read(Values *values, const Element *element, DagBuilder *builder);

/* Appends the attributes of a kind's element to `pairs` (of DagPair, owned); only their form is
 * checked, since the rest is the builder's. */
void dag__pairs_read(GArray *pairs, const Element *element, DagBuilder *builder);

/* Returns: a new list of DagPair that owns its strings. */
GArray *dag__pairs_new(void);

/* Returns: the name as it was written, with its prefix (xi for XInclude, whatever the author
 * called it); free with g_free(). */
char *dag__element_written(const Element *element);
