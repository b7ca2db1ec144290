/* SPDX-License-Identifier: MIT */
/*
 * The declarations of kinds: named elements beside the tasks.  They are declared before or after
 * the tasks that name them, so a name stands for an object that is filled in later.
 */
#pragma once

#include "model/builder.h"

struct DagDeclared {
    const char *element;
    const char *name;
    const void *config; /* from the type's configure() */
    bool is_declared;
    DagSpot spot;     /* of the declaration, or of the first mention until then */
    uint32_t task;    /* number of the task that mentioned it first */
    const char *uses; /* of a USES attribute, or NULL */
    DagSpot uses_spot;
    uint32_t slots;         /* of a SLOTS attribute; 0: none */
    const char *slots_name; /* of that attribute */
};

/* Return the object for the name of an <element>, mentioned by the task declared last. */
const DagDeclared *dag__builder_mention_declared(DagBuilder *builder, const char *element,
                                                 const char *name, DagLocation location);

/* Return the object for a declaration, or NULL after complaining if the name is taken. */
DagDeclared *dag__builder_declare(DagBuilder *builder, const char *element,
                                  const char *name, DagLocation location);

/* Complain about names that were mentioned and not declared. */
void dag__builder_check_declared(DagBuilder *builder);

/* GHashFunc and GEqualFunc of DagDeclared by element and name. */
guint dag__declared_hash(gconstpointer data);
gboolean dag__declared_equal(gconstpointer a, gconstpointer b);

/* kind-table.c */

/* Return the table of the element of `kind`. */
DagElementType dag__kind_element(const DagKind *kind);

/* Check the kind's tables, once.  Return false, after complaining, if they are invalid. */
bool dag__builder_check_kind(DagBuilder *builder, const DagKind *kind);

/* The same for a declaration. */
bool dag__builder_check_declaration(DagBuilder *builder, const DagDeclarationType *type);
