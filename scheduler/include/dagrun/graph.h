/* SPDX-License-Identifier: MIT */
/*
 * A graph: the declared tasks, their kinds and their dependencies.  Immutable and always acyclic;
 * any number of threads may read it.
 *
 * Tasks are numbered in topological order: the predecessors of a task have smaller numbers, and a
 * loop from 0 to n_tasks - 1 is a topological walk.  The order of declaration is kept, too
 * (dag_graph_declared()): it breaks ties and orders reports.
 */
#pragma once

#include <dagrun/kind.h>
#include <dagrun/policy.h>
#include <dagrun/template.h>
#include <dagrun/text.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

/* The files that a task declares, relative to the graph's directory.  Nothing is NULL but empty lists. */
typedef struct DagTaskFiles {
    const char *const
        *inputs; /* [n_inputs]; one with `*`, `?` or `[` is a pattern, as in a shell */
    size_t n_inputs;
    const char *const *outputs; /* [n_outputs] */
    size_t n_outputs;
} DagTaskFiles;

/* The type of a parameter. */
typedef enum DagParamType {
    DAG_PARAM_STRING,
    DAG_PARAM_BOOLEAN,
    DAG_PARAM_INTEGER,
    DAG_PARAM_NUMBER,
    DAG_PARAM_PATH,
    DAG_PARAM_CHOICE,
} DagParamType;

/* A parameter and its value. */
typedef struct DagParam {
    const char *name;
    const char *title; /* its purpose, or NULL */
    DagParamType type;
    /* Canonical: true or false, a plain number, an absolute path.  NULL: it
     * has none, and no task of the graph uses it, or the graph only plans. */
    const char *value;
    bool is_secret; /* the value is masked in reports and in the output of tasks */
    const char *default_text; /* the default as declared; NULL: a value must be given */
    const char *choices;      /* of a choice: its values, separated by white space */
    /* Short enough for an environment variable, so that scripts get it as one. */
    bool is_variable;
} DagParam;

/* Return the name of the type in the format, such as "string". */
const char *dag_param_type_name(DagParamType type);

/* A variable in the environment of a task. */
typedef struct DagVariable {
    const char *name;
    const DagTemplate *value;
} DagVariable;

/* The variable that gives a task the name of a file with an output. */
typedef struct DagOutputVariable {
    const char *name;
    const char *id; /* of the task */
    DagTaskId task; /* DAG_TASK_NONE: an excluded one, whose output is empty */
} DagOutputVariable;

/* The variable that tells a clean-up the outcome of a task that it needs. */
typedef struct DagOutcomeVariable {
    const char *name; /* "DAGRUN_OUTCOME_" and dag_variable_of_id() */
    DagTaskId task;   /* DAG_TASK_NONE: an excluded one; its word is DAG_OUTCOME_EXCLUDED */
} DagOutcomeVariable;

/*
 * Return the environment variable for the id of a task: "-" and "." become "_", any other character
 * that no variable has becomes "_" and its number in Unicode, in hexadecimal.  Free with g_free().
 */
char *dag_variable_of_id(const char *id);

/* Free the graph and everything that is borrowed from it; NULL is fine. */
void dag_graph_free(DagGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagGraph, dag_graph_free)

/* All strings below are borrowed from the graph. */

/* Return the graph's name, by default the stem of its file. */
const char *dag_graph_name(const DagGraph *graph);

/* Return the title, or NULL. */
const char *dag_graph_title(const DagGraph *graph);

/* Return the absolute directory of relative paths, or NULL for the working directory. */
const char *dag_graph_directory(const DagGraph *graph);

/* Return the declared output directory, absolute, or NULL. */
const char *dag_graph_output(const DagGraph *graph);

/* Return the users that may read the files with outputs that scripts get. */
DagReaders dag_graph_readers(const DagGraph *graph);

/* Return the name of the declared strategy, or NULL; dag_execute() does not look at it. */
const char *dag_graph_strategy(const DagGraph *graph);

/* Return the parameters in order of declaration, `*n_out` of them. */
const DagParam *dag_graph_params(const DagGraph *graph, size_t *n_out);

/* Return the names of the excluded tasks, NULL-terminated: their condition was false, or they were
 * taken out by DagBuildOptions.without. */
const char *const *dag_graph_excluded(const DagGraph *graph);

/* Return true if tasks were taken out by DagBuildOptions.without. */
bool dag_graph_is_reduced(const DagGraph *graph);

/* Return the pools in order of declaration, `*n_out` of them. */
const DagPool *dag_graph_pools(const DagGraph *graph, size_t *n_out);

/* A worker of the machine that the graph declares. */
typedef struct DagWorker {
    const char *name; /* borrowed from the graph */
    double speed;     /* a task of cost c takes c / speed, unless its costs are declared */
} DagWorker;

/* Return the workers of the machine in order of declaration, `*n_out` of them; NULL: the graph
 * declares no machine. */
const DagWorker *dag_graph_workers(const DagGraph *graph, size_t *n_out);

/* Return the declared seconds of `id` on each worker, [n_workers]; NULL: none are declared. */
const double *dag_graph_worker_costs(const DagGraph *graph, DagTaskId id);

/* Return the amount of data that `id` gets from predecessor number `i`; negative: none. */
double dag_graph_data_size(const DagGraph *graph, DagTaskId id, size_t i);

/* Return the seconds that `size` of data take from one worker to another; 0 if it is the same one, or if
 * the size is negative. */
double dag_graph_transfer_seconds(const DagGraph *graph, double size, uint32_t from,
                                  uint32_t to);

/* Return the number of tasks, without excluded ones. */
size_t dag_graph_n_tasks(const DagGraph *graph);

/* Return the number of distinct dependencies of all tasks together. */
size_t dag_graph_n_dependencies(const DagGraph *graph);

/* Return all tasks in the order of declaration. */
DagIds dag_graph_declared(const DagGraph *graph);

/* Return the position of `id` in the order of declaration, from 0. */
uint32_t dag_graph_position(const DagGraph *graph, DagTaskId id);

/* Return the direct predecessors of `id` in the order in which it names them, without duplicates. */
DagIds dag_graph_predecessors(const DagGraph *graph, DagTaskId id);

/*
 * Return true if predecessor number `i` of `id` is only named in its `needs`: the task names neither
 * its output nor its outcome, and did not inherit the dependency from an excluded task.
 */
bool dag_graph_dependency_is_bare(const DagGraph *graph, DagTaskId id, size_t i);

/* Return the direct successors of `id` in ascending order. */
DagIds dag_graph_successors(const DagGraph *graph, DagTaskId id);

/* Return the task called `name`, or DAG_TASK_NONE.  O(tasks). */
DagTaskId dag_graph_find(const DagGraph *graph, const char *name);

/* Return the name of the task. */
const char *dag_graph_task_name(const DagGraph *graph, DagTaskId id);

/* Return the task's title, or its name if it has none. */
const char *dag_graph_task_title(const DagGraph *graph, DagTaskId id);

/* Return the expected duration in seconds, declared or suggested by the kind; 0 if neither. */
double dag_graph_task_cost(const DagGraph *graph, DagTaskId id);

/* Return true if the cost was declared, or suggested by the kind. */
bool dag_graph_task_has_cost(const DagGraph *graph, DagTaskId id);

/* Return the task's priority, by default 0; larger ones start first. */
int32_t dag_graph_task_priority(const DagGraph *graph, DagTaskId id);

/* Return true if a task has a priority other than 0. */
bool dag_graph_has_priorities(const DagGraph *graph);

/* Return the limits of `id`. */
const DagPolicy *dag_graph_task_policy(const DagGraph *graph, DagTaskId id);

/* Return true if a task is a clean-up (DagPolicy.always). */
bool dag_graph_has_always(const DagGraph *graph);

/* Return the tokens that an attempt of `id` is estimated to use of its pools with tokens. */
uint32_t dag_graph_task_tokens(const DagGraph *graph, DagTaskId id);

/*
 * Return the pool uses of `id`, `*n_out` of them in order of the pools' numbers; NULL if none.
 * Tasks with equal uses get the same pointer.
 */
const DagUse *dag_graph_task_uses(const DagGraph *graph, DagTaskId id, size_t *n_out);

/* Return the location of the task's declaration. */
DagLocation dag_graph_task_location(const DagGraph *graph, DagTaskId id);

/* Return the kind of the task; a milestone has one, too, called "noop". */
const DagKind *dag_graph_task_kind(const DagGraph *graph, DagTaskId id);

/* Return the configuration made by the kind's configure(), or DagTaskSpec.config. */
const void *dag_graph_task_config(const DagGraph *graph, DagTaskId id);

/* Return the files that the task declares, or NULL; borrowed. */
const DagTaskFiles *dag_graph_task_files(const DagGraph *graph, DagTaskId id);

/* Return true if the path of an input is a pattern. */
bool dag_path_is_pattern(const char *path);

/* Return true if a task of the graph declares files. */
bool dag_graph_has_files(const DagGraph *graph);

/* Return how old a result of an earlier run may be to be taken over, in nanoseconds: DagPolicy.cache_ns; for a task
 * with outputs that has none, INT64_MAX.  0: none is. */
int64_t dag_graph_task_cache_ns(const DagGraph *graph, DagTaskId id);

/* Return the declared working directory, or NULL for the graph's own. */
const DagTemplate *dag_graph_task_dir(const DagGraph *graph, DagTaskId id);

/* Return the task's variables in order of declaration, `*n_out` of them. */
const DagVariable *dag_graph_task_variables(const DagGraph *graph, DagTaskId id,
                                            size_t *n_out);

/*
 * Return the outputs that the task gets by name, if its kind reads them: of each task that it names,
 * in order, `*n_out` of them.  A parameter or another output never has the same name.
 */
const DagOutputVariable *dag_graph_task_outputs(const DagGraph *graph, DagTaskId id,
                                                size_t *n_out);

/*
 * Return the variables that tell the task how others ended, if it is a clean-up: one for each task that it
 * names, in order, `*n_out` of them.  Two never have the same name.  Their names and values together
 * have at most 64 KiB; the tasks beyond that have no variable.
 */
const DagOutcomeVariable *dag_graph_task_outcomes(const DagGraph *graph, DagTaskId id,
                                                  size_t *n_out);

/* Return true if a successor may read the output of `id`, so that it must be kept. */
bool dag_graph_task_is_read(const DagGraph *graph, DagTaskId id);

/* Return true if a task names the output of `id`, so that it surely reads it: as `${id}`, as `$id` in a
 * script, or as the standard input. */
bool dag_graph_task_is_named(const DagGraph *graph, DagTaskId id);

/* Return true if the output of a task may be read. */
bool dag_graph_has_readers(const DagGraph *graph);

/* Return a reference to the values that must be masked, free with dag_mask_unref(); NULL: none. */
DagMask *dag_graph_mask(const DagGraph *graph);

/* Append `text` as a description, with outputs as `${task}`, outcomes as `${task.outcome}` and secrets masked. */
void dag_graph_describe(const DagGraph *graph, const DagTemplate *text, GString *out);

/* Append a description of the work of `id`, by default its kind's name. */
void dag_graph_describe_task(const DagGraph *graph, DagTaskId id, GString *out);

G_END_DECLS
