/* SPDX-License-Identifier: MIT */
/*
 * A graph from another program: tasks with names as they are there, and dependencies.  Names need not
 * be ids of dagrun, and there may be cycles.  One writer turns it into XML.
 */
#pragma once

#include <dagrun/report.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A task.  Strings are owned. */
typedef struct ImportedTask {
    char *name;
    char *title;   /* or NULL */
    char *command; /* a script for /bin/sh, without options; NULL: none */
    double cost;   /* expected seconds; below 0: not known */
    bool is_noop;  /* it does nothing, even if tasks without a command sleep */
    bool is_removed;
    unsigned line;      /* of its declaration, for messages; 0: only mentioned */
    unsigned mentioned; /* the line of its first mention; 0: none */
    GArray *needs; /* of uint32_t: task numbers; repetitions have no effect.  NULL: none */
} ImportedTask;

typedef struct ImportedGraph {
    char *name;        /* or NULL */
    GArray *tasks;     /* of ImportedTask */
    GHashTable *index; /* from a name to the number of its task, plus 1 */
} ImportedGraph;

ImportedGraph *imported_graph_new(void);
void imported_graph_free(ImportedGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportedGraph, imported_graph_free)

/* The number of no task. */
#define IMPORTED_NONE UINT32_MAX

/* Return the number of the task called `name`; add it if there is none. */
uint32_t imported_graph_task(ImportedGraph *graph, const char *name);

/* Return the number of the task, or IMPORTED_NONE. */
uint32_t imported_graph_find(const ImportedGraph *graph, const char *name);

/* Return a task; valid until the next one is added. */
ImportedTask *imported_graph_at(const ImportedGraph *graph, uint32_t task);

/* Let a task need another one. */
void imported_graph_need(ImportedGraph *graph, uint32_t task, uint32_t needed);

/* Remove all tasks but these, of uint32_t, and those that they need, directly or not. */
void imported_graph_keep(ImportedGraph *graph, const GArray *wanted);

/* Remove each task for which `is_name` is true and on which no task depends, and again, until there is
 * none: such a task is only a name for its needs. */
void imported_graph_drop_names(ImportedGraph *graph,
                               bool (*is_name)(const ImportedTask *task));

/* The tasks without a command. */
typedef enum ImportedWork {
    IMPORTED_NOOP,  /* do nothing */
    IMPORTED_SLEEP, /* sleep for their cost */
    IMPORTED_SPIN,
} ImportedWork;

/* The names of these, NULL-terminated; indexed by ImportedWork. */
extern const char *const imported_work_names[];

/* Write the graph as XML.  Ids are made valid and unique; a name that was changed becomes the title. */
void imported_graph_write(const ImportedGraph *graph, ImportedWork work,
                          const DagReportSink *sink);
