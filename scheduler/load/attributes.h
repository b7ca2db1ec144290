/* SPDX-License-Identifier: MIT */
/*
 * The attributes of one element, read by the table of the vocabulary or of a kind.
 */
#pragma once

#include "load/source.h"
#include "load/vocabulary.h"

#include <dagrun/builder.h>

typedef enum Space {
    SPACE_NONE,
    SPACE_FOREIGN, /* of another vocabulary: ignored */
    SPACE_GRAPH,
    SPACE_XINCLUDE,
} Space;

/* An element as libxml2 passes it; borrowed while the handler runs. */
typedef struct Element {
    DagSource *source;
    DagTag tag;
    const char *name;       /* local */
    const char *prefix;     /* or NULL */
    Space space;            /* the namespace, */
    const char *space_name; /* its name, or NULL; borrowed from the parser */
    const xmlChar **attributes;
    int n_attributes;

    /* Identified by its name and parent; it may still be in the wrong place. */
    DagElementKind kind;        /* N_ELEMENT_KINDS: unknown */
    const DagKind *task_kind;   /* of ELEMENT_KIND, or NULL */
    const DagElementType *type; /* of ELEMENT_KIND, ELEMENT_PART and ELEMENT_DECLARATION */
    const DagDeclarationType *declaration; /* of ELEMENT_DECLARATION, or NULL */
} Element;

/* The attributes of one element, by their index in its table; those beyond the table are left from
 * an earlier element.  Reused from element to element. */
typedef struct Values {
    GString *text;                             /* all values, each with a NUL after it */
    DagFormValue value[DAG__MAX_ATTRIBUTES];   /* their text is in `text` */
    DagLocation location[DAG__MAX_ATTRIBUTES]; /* of the value */
    char *next;                                /* in text: where the next value goes */
    bool has_bad;                              /* a value was invalid, and reported */
} Values;

/* The attributes that kinds may add to <task>. */
typedef struct KindAttributes {
    const DagKind *const *kinds; /* NULL-terminated, or NULL */
    GArray *pairs;               /* of DagPair, owned: those found */
} KindAttributes;

void dag__values_init(Values *values);
void dag__values_clear(Values *values);

/*
 * Fill `values`.  Attributes that are in `further` (or NULL) are added there.
 * Returns: true if all required attributes are there and valid.
 */
bool dag__values_read(Values *values, const Element *element, KindAttributes *further,
                      DagBuilder *builder);

/* Append the attributes of an element with a type to `pairs` (of DagPair, owned).  Only their form
 * is checked; the builder does the rest. */
void dag__pairs_read(GArray *pairs, const Element *element, DagBuilder *builder);

/* Return a new list of DagPair that owns its strings. */
GArray *dag__pairs_new(void);

/* Return the name as it was written, with its prefix (always xi for XInclude); free with
 * g_free(). */
char *dag__element_written(const Element *element);
