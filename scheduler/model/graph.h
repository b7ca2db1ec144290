/* SPDX-License-Identifier: MIT */
/*
 * The structure of a graph, for the builder that fills it.
 */
#pragma once

#include "model/arena.h"
#include "model/mask.h"

#include <dagrun/graph.h>

/* A location; `file` is an index into the graph's files. */
typedef struct DagSpot {
    uint32_t line;
    uint32_t column;
    uint32_t file;
} DagSpot;

/* The declarations that few tasks have. */
typedef struct DagTaskExtra {
    const char *title;            /* or NULL */
    const DagTemplate *dir;       /* or NULL */
    const DagVariable *variables; /* [n_variables] */
    uint32_t n_variables;
    int32_t priority;
    const DagUse *uses; /* [n_uses]; the same array for equal uses */
    uint32_t n_uses;
    uint32_t n_outcomes;
    /* [n_outcomes]; with numbers of tasks until the graph is made. */
    DagOutcomeVariable *outcomes;
    const DagTaskFiles *files; /* or NULL */
    DagPolicy policy;
} DagTaskExtra;

/* A task's kind, and the kind's configuration of it. */
typedef struct DagAction {
    const DagKind *kind;
    const void *config;
} DagAction;

/* The outputs that a task gets by name. */
typedef struct DagOutputList {
    DagOutputVariable *variables; /* [n] */
    size_t n;
} DagOutputList;

typedef struct DagTask {
    const char *name;
    DagTaskExtra *extra; /* or NULL */
    double cost;         /* seconds; see DAG_ZERO */
    DagSpot spot;
    uint32_t position; /* in the order of declaration */
    bool is_read;
    bool is_named; /* see dag_graph_task_is_named() */
} DagTask;

typedef struct DagPhaseTitle {
    const char *title;
    DagTaskId of;
} DagPhaseTitle;

/* The declared machine. */
typedef struct DagMachineTable {
    size_t n_workers;
    DagWorker *workers;   /* [n_workers] */
    double *bandwidths;   /* [n_workers][n_workers], from one to another, as the next */
    double *latencies;    /* seconds */
    const double **costs; /* [n_tasks]: [n_workers], or NULL */
    double *sizes;        /* [n_dependencies], as preds; negative: no data */
} DagMachineTable;

struct DagGraph {
    DagArena *arena; /* owns every string, template and configuration */
    const char *name;
    const char *title;
    const char *directory;
    const char *output;
    DagReaders readers;
    const char *strategy;  /* or NULL */
    const char **files;    /* [n_files] */
    const char **excluded; /* NULL-terminated */
    DagParam *params;      /* [n_params] */
    DagMask *mask;         /* NULL: no parameter is secret */
    size_t n_params;
    DagPhaseTitle *titles; /* [n_titles], in order of declaration */
    size_t n_titles;
    DagPool *pools; /* [n_pools] */
    size_t n_pools;
    DagMachineTable *machine; /* or NULL */

    size_t n_tasks;
    size_t n_dependencies;
    DagTask *tasks;         /* [n_tasks] */
    DagAction *actions;     /* [n_tasks] */
    DagOutputList *outputs; /* [n_tasks]; NULL: no task gets outputs by name */
    DagTaskId *declared;    /* [n_tasks] */
    uint32_t *first_pred;   /* [n_tasks + 1]: row of preds */
    uint32_t *first_succ;   /* [n_tasks + 1]: row of succs */
    DagTaskId *preds;       /* [n_dependencies] */
    DagTaskId *succs;       /* [n_dependencies], each row ascending */
    uint8_t *not_bare;      /* set of places in preds; NULL: none; see
                               dag_graph_dependency_is_bare() */
    bool has_extras;        /* of any task, as the next two */
    bool has_priorities;
    bool has_always;
    bool has_files;
    bool has_readers;
    bool is_reduced; /* see dag_graph_is_reduced() */
};

void dag__machine_table_free(DagMachineTable *table);

/* Like dag_graph_successors(), without the cost of a call per task. */
static inline DagIds
dag__successors(const DagGraph *graph, DagTaskId id)
{
    uint32_t first = graph->first_succ[id];

    return (DagIds){graph->succs + first, graph->first_succ[id + 1] - first};
}
