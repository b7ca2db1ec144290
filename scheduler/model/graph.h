/* SPDX-License-Identifier: MIT */
/*
 * The inside of a graph, for the builder that fills it.
 */
#pragma once

#include "model/arena.h"
#include "model/mask.h"

#include <dagrun/graph.h>

/* What takes less is tiny: to run several such tasks in one go is better than to share them out. */
#define DAG_TINY_NS 2000

/* A place; the file is a number among the graph's files. */
typedef struct DagSpot {
    uint32_t line;
    uint32_t column;
    uint32_t file;
} DagSpot;

/* What few tasks have. */
typedef struct DagTaskExtra {
    const char *title; /* or NULL */
    const char *when;  /* only while the graph is built, as the next two */
    const char *uses;
    DagLocation uses_location;
    const DagTemplate *dir;
    const DagVariable *variables; /* [n_variables] */
    uint32_t n_variables;
    int32_t priority;
    uint32_t use_class;
    DagPolicy policy;
    DagLocation when_location;
} DagTaskExtra;

/* What a task does.  Apart from the rest of it, since a worker reads this of every task and, of
 * most, nothing else: four of them share a cache line. */
typedef struct DagAction {
    const DagKind *kind;
    const void *config;
} DagAction;

typedef struct DagTask {
    const char *name;
    DagTaskExtra *extra; /* NULL: nothing of it */
    double cost;         /* below 0: nobody said */
    DagSpot spot;
    uint32_t position; /* in the order of declaration */
    bool is_read;
} DagTask;

/* What the tasks of a class use. */
typedef struct DagUseClass {
    const DagUse *uses; /* [n_uses] */
    uint32_t n_uses;
} DagUseClass;

typedef struct DagPhaseTitle {
    const char *title;
    DagTaskId of;
} DagPhaseTitle;

struct DagGraph {
    DagArena *arena; /* owns every string, template and configuration */
    const char *name;
    const char *title;
    const char *directory;
    const char *output;
    const char **files;    /* [n_files] */
    const char **excluded; /* NULL-terminated */
    DagParam *params;      /* [n_params] */
    DagMask *mask;         /* NULL: nothing is secret */
    size_t n_params;
    DagPhaseTitle *titles; /* [n_titles], in order of declaration */
    size_t n_titles;
    DagPool *pools; /* [n_pools] */
    size_t n_pools;
    DagUseClass *use_classes; /* [n_use_classes]; the first is empty */
    uint32_t n_use_classes;

    size_t n_tasks;
    size_t n_dependencies;
    DagTask *tasks;       /* [n_tasks] */
    DagAction *actions;   /* [n_tasks] */
    DagTaskId *declared;  /* [n_tasks] */
    uint32_t *first_pred; /* [n_tasks + 1]: row of preds */
    uint32_t *first_succ; /* [n_tasks + 1]: row of succs */
    DagTaskId *preds;     /* [n_dependencies] */
    DagTaskId *succs;     /* [n_dependencies], each row ascending */
    bool has_extras;      /* some task has */
    bool has_priorities;
    bool has_always;
    bool has_readers;
    bool is_tiny; /* every kind is, and no task is known to take DAG_TINY_NS */
};

/* dag_graph_successors(), where a call for each task would be felt. */
static inline DagIds
dag__successors(const DagGraph *graph, DagTaskId id)
{
    uint32_t first = graph->first_succ[id];

    return (DagIds){graph->succs + first, graph->first_succ[id + 1] - first};
}
