/* SPDX-License-Identifier: MIT */
/*
 * A strategy decides when a ready task may start and which ready task starts first.  It is data:
 * one ready set implements every combination of release and order, for the executor and the
 * simulator alike.
 */
#pragma once

#include <dagrun/placement.h>

G_BEGIN_DECLS

/* When a task may start. */
typedef enum DagRelease {
    DAG_RELEASE_PHASE, /* a barrier: a phase begins when the one before has ended */
    DAG_RELEASE_READY, /* as soon as its dependencies have succeeded */
} DagRelease;

/* Which of the tasks that may start goes first. */
typedef enum DagOrder {
    DAG_ORDER_FIFO, /* first ready, first started */
    DAG_ORDER_LIFO, /* last ready, first started */
    DAG_ORDER_KEY,  /* largest key first */
} DagOrder;

/* `task` does not start before `after` has ended, with whatever outcome. */
typedef struct DagHold {
    DagTaskId task;
    DagTaskId after;
} DagHold;

/*
 * The result of a search: an order, and holds.  An order alone cannot express every optimal
 * schedule: sometimes a worker has to stay idle although a task is ready.  Then a hold keeps
 * that task back.
 */
typedef struct DagSchedule {
    /* [n_tasks], the task to start first comes first; every task once, each after its predecessors
     * and after the tasks that it is held for. */
    DagTaskId *order;
    DagHold *holds; /* [n_holds]; allocated with g_new(), or NULL */
    size_t n_holds;
    double lower_bound;  /* seconds: no schedule on this machine is shorter */
    bool is_optimal;     /* the schedule is proven to be as short as possible */
    bool is_over_budget; /* the search ended because its time was used up */
} DagSchedule;

/* Free the arrays of the schedule, not the struct. */
void dag_schedule_clear(DagSchedule *schedule);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DagSchedule, dag_schedule_clear)

/* Return whether the schedule fits the graph: every task stands once in the order, after its
 * predecessors and after the tasks that it is held for.  Cost: O(tasks + dependencies). */
bool dag_schedule_is_valid(const DagSchedule *schedule, const DagGraph *graph);

/* How long a strategy may search for a schedule. */
typedef struct DagSearchLimits {
    int64_t budget_ns; /* processor time; 0: as long as the strategy finds reasonable */
    /* Asked many times a second, on the same thread; true ends the search.  NULL: never. */
    bool (*give_up)(void *data);
    void *data; /* passed to give_up() */
} DagSearchLimits;

/* A strategy: a constant, of dag_strategies() or of the program's own. */
typedef struct DagStrategy {
    const char *name;    /* lower-case words joined by "-"; unique */
    const char *summary; /* one line */
    const char *source;  /* the paper, or "folklore" */
    DagRelease release;  /* when a task may start */
    DagOrder order;      /* which task goes first */

    /*
     * Fill key_out[n_tasks], larger first; only for DAG_ORDER_KEY.  Ties go to the task declared
     * first.  `seed` is for strategies that draw random numbers; any number will do.
     */
    void (*keys)(const DagPlan *plan, uint64_t seed, double *key_out);

    /*
     * Instead of keys(), for strategies that search: find a schedule for the machine within
     * about these limits and fill `schedule_out`, which is all zero and has order[n_tasks]
     * allocated.  Only for DAG_RELEASE_READY with DAG_ORDER_KEY.  The schedule must be valid
     * (dag_schedule_is_valid()).
     */
    void (*solve)(const DagPlan *plan, const DagMachine *machine,
                  const DagSearchLimits *limits, DagSchedule *schedule_out);

    /*
     * Fill `placement_out`, which is all zero, with a schedule on the machine that the graph of the plan
     * declares (dag_graph_workers()).  NULL: the strategy knows like workers only.  Runs and
     * simulations, whose workers are alike, use keys() or solve().
     */
    void (*place)(const DagPlan *plan, DagPlacement *placement_out);
} DagStrategy;

/* Return every strategy, NULL-terminated, the default first; static. */
const DagStrategy *const *dag_strategies(void);

/* Return the strategy called `name`, or NULL. */
const DagStrategy *dag_strategy_find(const char *name);

G_END_DECLS
