/* SPDX-License-Identifier: MIT */
/*
 * What was declared: tasks, what each one does, and what each one needs.  Immutable and
 * acyclic from birth, so any number of threads may read it.
 *
 * Tasks are numbered in topological order: for every task, all predecessors have smaller
 * numbers.  A loop from 0 to n_tasks - 1 is a topological walk.  The order in which the tasks
 * were written is kept beside (dag_graph_declared()), since it breaks ties and orders reports.
 */
#pragma once

#include <dagrun/kind.h>
#include <dagrun/policy.h>
#include <dagrun/template.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

/* What values a parameter may have. */
typedef enum DagParamType {
    DAG_PARAM_STRING,
    DAG_PARAM_BOOLEAN,
    DAG_PARAM_INTEGER,
    DAG_PARAM_NUMBER,
    DAG_PARAM_PATH,
    DAG_PARAM_CHOICE,
} DagParamType;

/* A parameter with the value that it has in this graph. */
typedef struct DagParam {
    const char *name;
    const char *title; /* what it is for, or NULL */
    DagParamType type;
    const char
        *value;     /* canonical: true/false, a plain number, an absolute path; NULL only in
                          a graph that was loaded to be checked, where it has none yet */
    bool is_secret; /* no report shows the value, nor what tasks say of it */
} DagParam;

/* One variable that a task adds to its environment. */
typedef struct DagVariable {
    const char *name;
    const DagTemplate *value;
} DagVariable;

/* Frees the graph and all that is borrowed from it; NULL is fine. */
void dag_graph_free(DagGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagGraph, dag_graph_free)

/* All strings below are borrowed from the graph. */

/* Returns: the graph's name; the stem of its file where it has none. */
const char *dag_graph_name(const DagGraph *graph);

/* Returns: the title for people, or NULL. */
const char *dag_graph_title(const DagGraph *graph);

/* Returns: the absolute directory that relative paths start from, or NULL for the working
 * directory. */
const char *dag_graph_directory(const DagGraph *graph);

/* Returns: the declared output directory, absolute, or NULL. */
const char *dag_graph_output(const DagGraph *graph);

/* Returns: the parameters in order of declaration, `*n_out` of them. */
const DagParam *dag_graph_params(const DagGraph *graph, size_t *n_out);

/* Returns: the names of the tasks whose condition was false, NULL-terminated. */
const char *const *dag_graph_excluded(const DagGraph *graph);

/* Returns: the pools in order of declaration, `*n_out` of them. */
const DagPool *dag_graph_pools(const DagGraph *graph, size_t *n_out);

/* Returns: the number of tasks, those not counted that are excluded. */
size_t dag_graph_n_tasks(const DagGraph *graph);

/* Returns: the number of distinct dependencies of all tasks together. */
size_t dag_graph_n_dependencies(const DagGraph *graph);

/* Returns: all tasks in the order in which they were declared. */
DagIds dag_graph_declared(const DagGraph *graph);

/* Returns: the place of `id` in the order of declaration, from 0. */
uint32_t dag_graph_position(const DagGraph *graph, DagTaskId id);

/* Returns: the direct dependencies of `id` in the order in which it names them, without
 * duplicates. */
DagIds dag_graph_predecessors(const DagGraph *graph, DagTaskId id);

/* Returns: the tasks that have `id` as a direct dependency, in ascending order. */
DagIds dag_graph_successors(const DagGraph *graph, DagTaskId id);

/* Returns: the task called `name`, or DAG_TASK_NONE.  Cost: O(tasks). */
DagTaskId dag_graph_find(const DagGraph *graph, const char *name);

/* Returns: the name that the task was declared with. */
const char *dag_graph_task_name(const DagGraph *graph, DagTaskId id);

/* Returns: the task's title, or its name where it has none. */
const char *dag_graph_task_title(const DagGraph *graph, DagTaskId id);

/* Return the expected duration in seconds, declared or suggested by the kind; 0 if neither. */
double dag_graph_task_cost(const DagGraph *graph, DagTaskId id);

/* Return true if the cost was declared, or suggested by the kind. */
bool dag_graph_task_has_cost(const DagGraph *graph, DagTaskId id);

/* Returns: the task's priority; larger goes first; 0 where none was declared. */
int32_t dag_graph_task_priority(const DagGraph *graph, DagTaskId id);

/* Returns: whether any task has a priority other than 0. */
bool dag_graph_has_priorities(const DagGraph *graph);

/* Returns: what was declared about limits, retries and failures of `id`. */
const DagPolicy *dag_graph_task_policy(const DagGraph *graph, DagTaskId id);

/* Returns: whether any task is a clean-up (DagPolicy.always). */
bool dag_graph_has_always(const DagGraph *graph);

/*
 * Return the pool uses of `id`, `*n_out` of them in order of the pools' numbers; NULL if none.
 * Tasks with equal uses get the same pointer.
 */
const DagUse *dag_graph_task_uses(const DagGraph *graph, DagTaskId id, size_t *n_out);

/* Returns: where the task was declared. */
DagLocation dag_graph_task_location(const DagGraph *graph, DagTaskId id);
/* Returns: what the task does; a milestone has a kind, too, called "noop". */
const DagKind *dag_graph_task_kind(const DagGraph *graph, DagTaskId id);
/* Returns: what the task's kind made of the declaration, or was given as DagTaskSpec.config. */
const void *dag_graph_task_config(const DagGraph *graph, DagTaskId id);

/* Returns: the declared working directory as a template, or NULL for the graph's own. */
const DagTemplate *dag_graph_task_dir(const DagGraph *graph, DagTaskId id);

/* Returns: the task's own variables in order of declaration, `*n_out` of them. */
const DagVariable *dag_graph_task_variables(const DagGraph *graph, DagTaskId id,
                                            size_t *n_out);

/* Returns: whether a successor may read the output of `id`, which is then worth keeping. */
bool dag_graph_task_is_read(const DagGraph *graph, DagTaskId id);

/* Returns: whether any task's output is read. */
bool dag_graph_has_readers(const DagGraph *graph);

/* Appends `text` for people to read, with outputs as `${task}`. */
void dag_graph_describe(const DagGraph *graph, const DagTemplate *text, GString *out);

/* Appends what `id` would run, or its kind's name where there is nothing to tell. */
void dag_graph_describe_task(const DagGraph *graph, DagTaskId id, GString *out);

G_END_DECLS
