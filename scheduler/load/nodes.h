/* SPDX-License-Identifier: MIT */
/*
 * The elements of kinds while they are read: a tree per task or declaration, which the builder
 * checks against the kind's tables once it is complete.
 */
#pragma once

#include "load/attributes.h"

typedef struct Node Node;
struct Node {
    const DagElementType *type; /* borrowed */
    GArray *pairs;              /* of DagPair, owned */
    GString *text;
    GPtrArray *children; /* of Node *, owned; NULL: none yet */
    GArray *specs;       /* of DagElementSpec: the children; filled in by node_spec() */
    DagLocation location;
};

Node *node_new(void);
void node_free(Node *node);

/* Make the node an empty one of this type. */
void node_begin(Node *node, const DagElementType *type, DagLocation location);

/* Add a child and return it. */
Node *node_add(Node *node, const DagElementType *type, DagLocation location);

/* Return the node as the builder takes it; borrowed from the node. */
DagElementSpec node_spec(Node *node);
