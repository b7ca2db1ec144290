/* SPDX-License-Identifier: MIT */
/*
 * Runs a plan: `n_workers` threads of a GThreadPool take ready tasks in the order the strategy
 * wants, until all are settled.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/engine.h>
#include <dagrun/plan.h>
#include <dagrun/run.h>
#include <dagrun/spool.h>
#include <dagrun/strategy.h>

G_BEGIN_DECLS

/* What most programs need to clean up, and people have the patience for. */
#define DAG_GRACE_NS (INT64_C(5) * 1000000000)

/* What observers are told. */
typedef enum DagEventType {
    DAG_EVENT_RUN_STARTED,
    DAG_EVENT_PHASE_STARTED,  /* only with a barrier between phases */
    DAG_EVENT_TASK_STARTED,   /* each attempt */
    DAG_EVENT_ATTEMPT_FAILED, /* another one follows, unless the run is stopped before */
    DAG_EVENT_TASK_FINISHED,  /* once; also of a task that was blocked or cancelled */
    DAG_EVENT_PHASE_FINISHED,
    DAG_EVENT_RUN_FINISHED,
    DAG_EVENT_TICK, /* time has passed; only for observers that ask for it */
} DagEventType;

/* One thing that happened in a run. */
typedef struct DagEvent {
    DagEventType type;
    DagTaskId task;           /* of TASK events, else DAG_TASK_NONE */
    uint32_t phase;           /* of PHASE events */
    unsigned attempt;         /* of TASK_STARTED and ATTEMPT_FAILED: its number, from 1 */
    int64_t pause_ns;         /* of ATTEMPT_FAILED: until the next one */
    const DagAttempt *failed; /* of ATTEMPT_FAILED; borrowed, else NULL */
    int64_t time_ns;          /* since the run began */
    const DagRun *run; /* records of tasks whose TASK_FINISHED was seen may be read */
    /* Of TASK_FINISHED and ATTEMPT_FAILED: what the attempt said; borrowed, or NULL. */
    const DagSpool *transcript;
} DagEvent;

/* Somebody to tell. */
typedef struct DagObserver {
    /* Called on the thread that called dag_execute(), in order; it may take its time, since no
     * worker waits for it. */
    void (*notify)(const DagEvent *event, void *data);
    void *data;      /* for it */
    int64_t tick_ns; /* how often to tell DAG_EVENT_TICK, at most; 0: never */
} DagObserver;

/* How a plan is executed; all zero is a good choice. */
typedef struct DagExecuteOptions {
    const DagStrategy *strategy; /* NULL: the first of dag_strategies() */
    unsigned n_workers;          /* 0: the cores this process may use */
    uint64_t seed;      /* for strategies that draw lots, and for pauses between attempts,
                                    which other lots decide if it is 0 */
    bool keep_going;    /* after a failure, go on with what does not depend on it */
    unsigned retries;   /* of tasks that declare none: attempts after the first; no task
                           has more than DAG_MAX_ATTEMPTS */
    int64_t timeout_ns; /* of the run; 0: none */
    int64_t grace_ns; /* from asking a task to end to killing it; DAG_GRACE_NS if not given;
                           see DAG_ZERO */
    DagCancel *cancel;            /* NULL: cannot be stopped */
    const DagObserver *observers; /* [n_observers] */
    size_t n_observers;
    /* NULL: none; else what each task says also goes, as it comes, to the file dag_log_name()
     * in this directory. */
    const char *log_directory;
    /* Engines that the caller has opened: [n_engines], borrowed. */
    const DagOpenEngine *engines;
    size_t n_engines;
} DagExecuteOptions;

/*
 * Executes the plan and waits for its end.  Failed tasks are in the run, not an error.
 * `options` may be NULL.  No task runs any more once this has returned.
 *
 * Returns: the run, or NULL with DAG_ERROR_IO if threads or descriptors are used up, or
 *   log_directory cannot be opened.
 */
DagRun *dag_execute(const DagPlan *plan, const DagExecuteOptions *options, GError **error);

/*
 * The order in which a single worker would start the tasks if all succeed, which is what a dry
 * run shows.  Fills order_out[n_tasks].
 */
void dag_execute_order(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                       DagTaskId *order_out);

/* Returns: the name of the log of `id`: "TASK.log", but for characters that a file name cannot
 * have, and names that are too long for one.  Free with g_free(). */
char *dag_log_name(const DagGraph *graph, DagTaskId id);

/* Returns: the number of cores this process may use, at least 1. */
unsigned dag_default_workers(void);

G_END_DECLS
