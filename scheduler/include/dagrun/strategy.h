/* SPDX-License-Identifier: MIT */
/*
 * In which order, and how eagerly, ready tasks start.  A strategy is data: one ready set
 * implements every combination, for the executor and for the simulator alike.
 */
#pragma once

#include <dagrun/plan.h>

G_BEGIN_DECLS

/* When a task may start. */
typedef enum DagRelease {
    DAG_RELEASE_PHASE, /* a barrier: a phase begins when the one before has ended */
    DAG_RELEASE_READY, /* a task may start as soon as its dependencies have succeeded */
} DagRelease;

/* Which of the tasks that may start goes first. */
typedef enum DagOrder {
    DAG_ORDER_FIFO, /* first ready, first started */
    DAG_ORDER_LIFO, /* last ready, first started */
    DAG_ORDER_KEY,  /* largest key first */
} DagOrder;

/* A strategy: a constant, of dag_strategies() or of the program's own. */
typedef struct DagStrategy {
    const char *name;    /* on the command line */
    const char *summary; /* one line */
    const char *source;  /* the paper, or "folklore" */
    DagRelease release;  /* when a task may start */
    DagOrder order;      /* which goes first */

    /*
     * Fills key_out[n_tasks], larger first; only for DAG_ORDER_KEY.  Ties go to the task
     * declared first.  `seed` is for strategies that draw lots; any number is a good one.
     */
    void (*keys)(const DagPlan *plan, uint64_t seed, double *key_out);
} DagStrategy;

/* Returns: every strategy, NULL-terminated, the default first; static. */
const DagStrategy *const *dag_strategies(void);

/* Returns: the strategy called `name`, or NULL. */
const DagStrategy *dag_strategy_find(const char *name);

G_END_DECLS
