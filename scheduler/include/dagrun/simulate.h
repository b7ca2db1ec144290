/* SPDX-License-Identifier: MIT */
/*
 * Simulation of a plan: the same strategies, task states and records as dag_execute(), on a virtual
 * clock.  No task runs; each takes as long as its cost says.  Workers are alike, as in dag_execute(); schedules on the
 * unlike workers that a graph declares are placements (placement.h).
 */
#pragma once

#include <dagrun/execute.h>

G_BEGIN_DECLS

/* How one attempt goes. */
typedef struct DagSimulatedAttempt {
    double seconds; /* how long it takes; at least 0 */
    /* DAG_SUCCEEDED, DAG_FAILED, DAG_TIMED_OUT or DAG_CANCELLED, which stops the run. */
    DagOutcome outcome;
    int exit_code;      /* or DAG_EXIT_NONE */
    const char *reason; /* why it failed, or NULL; copied */
} DagSimulatedAttempt;

/* How far a task is when a simulation begins. */
typedef struct DagTaskProgress {
    DagOutcome outcome; /* of a task that has ended; DAG_PENDING: it has not */
    bool is_running;    /* its attempt has begun, `elapsed` seconds ago */
    double elapsed;
} DagTaskProgress;

/* How a plan is simulated; all zero stands for the defaults. */
typedef struct DagSimulateOptions {
    const DagStrategy *strategy; /* NULL: the first of dag_strategies() */
    unsigned n_workers;          /* 0: the cores that this process may use */
    unsigned n_connections;      /* 0: DAG_DEFAULT_CONNECTIONS */
    uint64_t seed;     /* for strategies that draw random numbers, and for pauses */
    int64_t budget_ns; /* for strategies that search; 0: their own */
    /* Once it is raised, a search ends, without a proof; tasks are simulated nevertheless.  NULL: none. */
    const DagCancel *cancel;
    bool keep_going;    /* after a failure, go on with tasks that do not depend on it */
    unsigned retries;   /* attempts after the first, of tasks that declare none */
    int64_t timeout_ns; /* of the run; 0: none */

    /* Return how attempt number `attempt`, from 1, of a task goes.  NULL: it takes
     * dag_plan_cost() and succeeds.  Time limits of the task and of the run apply to the
     * result. */
    DagSimulatedAttempt (*attempt)(const DagPlan *plan, DagTaskId id, unsigned attempt,
                                   void *data);
    void *data; /* passed to attempt() */

    /*
     * [n_tasks]: where the run stands; NULL: at its beginning.  A task that has ended, or runs, must
     * depend on tasks only that have ended.  A running task goes on with its attempt number 1, which takes
     * `elapsed` less than attempt() says; if more run than there are units or slots, the last of them
     * wait.  A failure blocks the tasks behind it, or stops the run without keep_going, as in a run.  Time 0 is the moment of this state, so
     * the duration is the time that remains.  Tasks that had ended have no attempts in it.
     */
    const DagTaskProgress *progress;

    /* Observers get the same events as from dag_execute(), without CANCELLED and TICK. */
    const DagObserver *observers; /* [n_observers] */
    size_t n_observers;           /* how many observers there are */
} DagSimulateOptions;

/*
 * Simulate the plan.  Cannot fail: tasks that fail are records of the run.  `options` may be NULL.
 * Calls back on the caller's thread only.  Cost: as the strategy, and O(log units) per attempt.
 *
 * Returns: the run, for which dag_run_is_simulated() is true; its times are virtual.
 */
DagRun *dag_simulate(const DagPlan *plan, const DagSimulateOptions *options);

/* A model of chance for simulated attempts. */
typedef struct DagNoise {
    uint64_t seed;
    /* Each duration is the cost of the task, multiplied by a log-normal factor whose median is 1 and whose
     * logarithm has this standard deviation; at least 0. */
    double sigma;
    double fail; /* the probability that an attempt fails at its end, 0 to 1 */
} DagNoise;

/*
 * Return how an attempt goes under chance.  For DagSimulateOptions.attempt; `noise` is a DagNoise.  The
 * result depends on the seed, the task and the number of the attempt only, so every strategy meets
 * the same durations and failures.  Any thread.
 */
DagSimulatedAttempt dag_noise_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt,
                                      void *noise);

G_END_DECLS
