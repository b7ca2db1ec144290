/* SPDX-License-Identifier: MIT */
/*
 * Explanations of a plan: the reasons for the phase and the start of a task, the gains from
 * faster tasks, and the dependencies that others imply.  Reports write them as text and as JSON.
 */
#pragma once

#include <dagrun/plan.h>

G_BEGIN_DECLS

/* Why a task is in its phase. */
typedef enum DagPhaseCause {
    DAG_PHASE_FIRST,  /* the first phase: it needs no task */
    DAG_PHASE_AFTER,  /* the phase after that of `witness`, which it needs */
    DAG_PHASE_BEFORE, /* the phase before that of `witness`, which needs it */
    DAG_PHASE_LAST,   /* the last phase: no task needs it */
    /* No task that it needs is in the phase before: later than it has to be, so that the dependencies are
     * the shortest, all added up. */
    DAG_PHASE_SHORTEST,
} DagPhaseCause;

/* A cause, and the task that proves it. */
typedef struct DagPhaseReason {
    DagPhaseCause cause;
    DagTaskId witness; /* DAG_TASK_NONE unless the cause is AFTER or BEFORE */
} DagPhaseReason;

/*
 * Return why `id` is in its phase under the rule of the plan.  The witness has a reason, too; a
 * chain of witnesses ends at a task that has none.  Of several witnesses, the one is
 * returned that the task names first, or that was declared first.
 * O(dependencies of the task).
 */
DagPhaseReason dag_explain_phase(const DagPlan *plan, DagTaskId id);

/* Return the predecessor that ends last and so determines the earliest start of `id`; DAG_TASK_NONE if it needs
 * no task. */
DagTaskId dag_explain_start(const DagPlan *plan, DagTaskId id);

/* Return the successor with the costliest chain, which determines the latest start of `id`;
 * DAG_TASK_NONE if no task needs it. */
DagTaskId dag_explain_finish(const DagPlan *plan, DagTaskId id);

/* Return the number of tasks on which `id` depends, directly or not.  O(tasks + dependencies). */
size_t dag_explain_n_before(const DagPlan *plan, DagTaskId id);

/* Return the number of tasks that depend on `id`, directly or not.  O(tasks + dependencies). */
size_t dag_explain_n_after(const DagPlan *plan, DagTaskId id);

/* A dependency that others imply: `task` names `need` in its `needs`, and also needs `through`, which
 * depends on `need`. */
typedef struct DagRedundancy {
    DagTaskId task;
    DagTaskId need;
    DagTaskId through;
} DagRedundancy;

/* Facts about a whole plan. */
typedef struct DagExplanation {
    /*
     * [tasks of the critical path]: the seconds by which the task can get shorter until another
     * chain is the longest; at most its cost.  The critical path gets shorter by as much.
     */
    double *headrooms;

    /*
     * [n_redundancies], by task in topological order.  Dependencies that come from references to an
     * output or outcome are never among them, nor are those of clean-ups, which learn how the tasks
     * ended that they need.  A clean-up in between implies nothing, since it runs after a failure,
     * too.
     */
    DagRedundancy *redundancies;
    size_t n_redundancies;
    /* The tasks before this one were searched; the number of tasks unless the search took too long. */
    DagTaskId n_searched;

    /*
     * Chains of at least three tasks that run one after another only because their `needs` say so: no
     * task names an output of the one before, and between them nothing else begins or ends.
     * Number `i` has the tasks from chain_tasks[first_of_chain[i]] to before
     * chain_tasks[first_of_chain[i + 1]].
     */
    DagTaskId *chain_tasks;
    size_t *first_of_chain; /* [n_chains + 1] */
    size_t n_chains;

    /* [n_single_phases]: the phases of one task, if there are others. */
    uint32_t *single_phases;
    size_t n_single_phases;
} DagExplanation;

/*
 * Explain a whole plan.  O(dependencies x log(tasks)), and for redundant dependencies a search of
 * bounded length.
 * Returns: the explanation; free with dag_explanation_free().  It does not refer to the plan.
 */
DagExplanation *dag_explain_plan(const DagPlan *plan);

/* Free an explanation; NULL is fine. */
void dag_explanation_free(DagExplanation *explanation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagExplanation, dag_explanation_free)

/* Return the tasks of chain number `i`, first task first; borrowed. */
DagIds dag_explanation_chain(const DagExplanation *explanation, size_t i);

G_END_DECLS
