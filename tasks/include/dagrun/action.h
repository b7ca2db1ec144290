/* SPDX-License-Identifier: MIT */
/*
 * The actions of tasks as data, for programs that describe a graph to others.
 */
#pragma once

#include <dagrun/graph.h>

G_BEGIN_DECLS

/* The kind of an action. */
typedef enum DagActionType {
    DAG_ACTION_NONE,  /* a milestone */
    DAG_ACTION_EXEC,  /* a program, without a shell */
    DAG_ACTION_SHELL, /* a script */
    DAG_ACTION_SLEEP,
    DAG_ACTION_SPIN,
} DagActionType;

/* The action of a task.  Everything is borrowed from the graph. */
typedef struct DagAction {
    DagActionType type;
    /* [n_words]: of EXEC, the program and its arguments; of SHELL, the interpreter and its arguments,
     * which the file with the script follows; none for /bin/sh. */
    const DagTemplate *const *words;
    size_t n_words;
    const char *script;  /* of SHELL */
    bool allows_unset;   /* of SHELL: a variable that is not set is empty */
    bool has_input;      /* standard input is the output of `input` */
    DagTaskId input;     /* DAG_TASK_NONE: of an excluded task, so empty */
    bool has_terminal;   /* terminal="true" */
    int64_t duration_ns; /* of SLEEP and SPIN */
} DagAction;

/*
 * Set *action_out to the action of the task.
 * Returns: false if its kind is none of dag_tasks_kinds(), nor a milestone.
 */
bool dag_tasks_action(const DagGraph *graph, DagTaskId id, DagAction *action_out);

G_END_DECLS
