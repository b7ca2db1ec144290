/* SPDX-License-Identifier: MIT */
/*
 * Causes of waiting in a run that has ended: for each task the dependency, the barrier, the worker, the
 * connection, the pool or the rate that it waited for, and the chain of causes from the last end of the run back
 * to its start.
 *
 * Times are nanoseconds since the run began.
 */
#pragma once

#include <dagrun/past-run.h>
#include <dagrun/plan.h>

G_BEGIN_DECLS

/* The cause for which a task did not start earlier. */
typedef enum DagDelayCause {
    DAG_DELAY_START,      /* none: it started when the run began */
    DAG_DELAY_DEPENDENCY, /* a task that it needs had not ended */
    DAG_DELAY_BARRIER,    /* a task of an earlier phase had not ended */
    DAG_DELAY_WORKER,     /* all workers were busy */
    DAG_DELAY_CONNECTION, /* all connections were in use */
    DAG_DELAY_POOL,       /* too few slots of a pool were free */
    DAG_DELAY_RATE,       /* the rate of a pool did not allow another start yet */
} DagDelayCause;

/* The number of causes. */
#define DAG_N_DELAY_CAUSES 7

/* Return "start", "dependency", "barrier", "worker", "connection", "pool" or "rate"; static. */
const char *dag_delay_cause_name(DagDelayCause cause);

/* The waiting of one task. */
typedef struct DagDelay {
    /* When the last of its dependencies had ended; -1: it never started. */
    int64_t ready_ns;
    int64_t barrier_ns; /* after that: until the phases before had ended */
    /* After that: until a worker, a connection or a pool was free, and a rate allowed its start. */
    int64_t capacity_ns;
    /* After that: until its start; dagrun itself, or the order of tasks. */
    int64_t other_ns;
    int64_t pause_ns;    /* between its attempts: pauses, and the waiting after them */
    DagDelayCause cause; /* the last of them that made it wait */
    /* Of DAG_DELAY_POOL and DAG_DELAY_RATE: its number in dag_graph_pools(). */
    uint32_t pool;
    /* The task whose end was the end of the cause; of DAG_DELAY_RATE, the one that started before;
     * DAG_TASK_NONE: none. */
    DagTaskId by;
    int64_t by_ns; /* when the cause ended; 0: there is none */
} DagDelay;

/* A link of the chain of causes. */
typedef struct DagDelayStep {
    DagTaskId task;
    int64_t start_ns; /* of its first attempt */
    /* The end of its last attempt, or of the one for which the next step waited. */
    int64_t end_ns;
} DagDelayStep;

/* The waiting of a whole run. */
typedef struct DagDelays {
    DagDelay *of; /* [n_tasks] */
    /*
     * [n_steps]: the realised critical path, the first task first.  Each task started after the cause
     * of its delay had ended, which is the end of the step before, or a rate that this step had used
     * up.  The times that they took, and those between them, add up to the makespan.
     */
    DagDelayStep *steps;
    size_t n_steps;
    int64_t first_ns;    /* the first start of a task; 0: none started */
    int64_t makespan_ns; /* from there to the last end */
    size_t n_missing;    /* tasks of the plan that are not in the record */
} DagDelays;

/*
 * Find the causes.  `plan` is that of the run: with its tasks and phases.  O(dependencies + attempts x
 * log(attempts)).
 * Returns: the delays; free with dag_delays_free().
 */
DagDelays *dag_delays_new(const DagPlan *plan, const DagPastRun *past);

/* Free the delays; NULL is fine. */
void dag_delays_free(DagDelays *delays);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagDelays, dag_delays_free)

/* Return the time from the end of the last dependency of a task to its start, and its pauses. */
int64_t dag_delay_total_ns(const DagDelay *delay);

G_END_DECLS
