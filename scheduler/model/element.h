/* SPDX-License-Identifier: MIT */
/*
 * An element of a kind while its configuration is made.
 */
#pragma once

#include "model/builder.h"

/* The value of an attribute, by its type. */
typedef struct Value {
    bool is_given; /* and valid */
    union {
        const DagTemplate *template; /* TASK, TEMPLATE */
        const char *text;            /* TEXT, NAME, USES */
        int64_t integer;             /* DURATION, SIZE, SLOTS, CHOICE (index) */
        bool boolean;                /* BOOLEAN */
        double number;               /* NUMBER */
        const char *const *words;    /* WORDS */
        const DagDeclared *declared; /* DECLARED */
    };
} Value;

struct DagElement {
    DagBuilder *builder;
    const DagElementType *type;
    const DagElementSpec *spec;
    Value *values;        /* [type->n_attributes] */
    DagElement *children; /* [spec->n_children] */
    DagElement *task;     /* of a kind's element: <task> with the kind's own attributes */
    DagElement *root;     /* the outermost element */
    bool is_bad;          /* of the root: a problem was reported */
    double *cost;         /* where a suggested cost goes, or NULL */
    int64_t *timeout_ns;  /* where a suggested time limit goes, or NULL */
    int32_t *retries;     /* likewise, of retries */
    uint32_t *tokens;     /* likewise, of tokens */
    const DagTaskSpec *task_spec; /* of a kind's element */
    const char *outside;          /* of a declaration: its element; NULL: in a task */
};
