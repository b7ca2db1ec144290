/* SPDX-License-Identifier: MIT */
/*
 * The record of a run as plain data, of a run in memory or of one that was read from a file.  It needs
 * no plan, and nothing in it is certain: a file may contain anything that has the right types.
 * dag_verify() checks it against a plan.
 *
 * Times are nanoseconds since the run began.
 */
#pragma once

#include <dagrun/run.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

/* One attempt of a task. */
typedef struct DagPastAttempt {
    int64_t start_ns;
    int64_t end_ns;
    const char *reason; /* why it did not succeed, or NULL */
    DagOutcome outcome;
    int32_t worker;    /* from 0; -1: it occupied a connection */
    int32_t exit_code; /* 0 to 255, or DAG_EXIT_NONE */
} DagPastAttempt;

/* A task.  Its start and end repeat those of its attempts. */
typedef struct DagPastTask {
    const char *id;
    const char *reason;     /* why it did not succeed, or NULL */
    int64_t start_ns;       /* of the first attempt; -1: never started */
    int64_t end_ns;         /* of the last attempt; -1: never started */
    int64_t duration_ns;    /* from the first start to the last end; -1: never started */
    int64_t busy_ns;        /* without the pauses between attempts; -1: never started */
    double cost;            /* seconds; -1: unknown */
    uint32_t phase;         /* from 1 */
    uint32_t first_attempt; /* see dag_past_run_attempts() */
    uint32_t n_attempts;    /* 0: never started */
    DagOutcome outcome;
    int32_t worker;    /* of the last attempt, from 0; -1: none, or a connection */
    int32_t exit_code; /* of the last attempt, or DAG_EXIT_NONE */
    uint32_t line;     /* where it stands in the file that was read; 0: in memory */
    bool allowed;      /* it failed, and was allowed to */
} DagPastTask;

/* A phase. */
typedef struct DagPastPhase {
    const char *title; /* or NULL */
    int64_t start_ns;  /* the first start; -1: no task of it started */
    int64_t end_ns;    /* the last end; -1 likewise */
    int64_t timing_ns; /* how long it took; 0 if no task of it started */
    uint32_t number;   /* from 1 */
    uint32_t n_tasks;
} DagPastPhase;

/* A pool. */
typedef struct DagPastPool {
    const char *name;
    int64_t lower_bound_ns; /* no schedule is shorter because of this pool; -1: not known */
    int64_t period_ns;      /* in which so many attempts may start; 0: it has no rate */
    uint32_t count;
    uint32_t burst;
    int64_t tokens_period_ns; /* in which so many tokens may be used; 0: any number */
    uint32_t tokens_count;
    uint32_t slots; /* 0: without limit */
} DagPastPool;

/* A parameter. */
typedef struct DagPastParam {
    const char *name;
    const char *value; /* as a setting; NULL: it has none; "***": that of a secret */
} DagPastParam;

/* The record of a run.  Its texts belong to it. */
typedef struct DagPastRun {
    const char *graph;     /* the name of the graph */
    const char *timestamp; /* when the run began, ISO 8601; NULL in a run in memory */
    const char *strategy;  /* the name of the strategy */
    /* "critical-path", "workers", "connections", "pool NAME" or "rate NAME"; NULL likewise. */
    const char *lower_bound_by;
    uint64_t seed;
    int64_t grace_ns;   /* from asking a task to end to killing it */
    int64_t timeout_ns; /* the limit of the run; 0: none */
    int64_t duration_ns;
    int64_t makespan_ns; /* from the first start to the last end */
    int64_t lower_bound_ns;
    uint32_t n_workers;
    uint32_t n_connections;          /* 0: no task occupies one */
    uint32_t retries;                /* of tasks that declare none */
    uint32_t n_allowed;              /* tasks that failed and were allowed to */
    int32_t signal;                  /* the one that stopped the run, or 0 */
    uint32_t counts[DAG_N_OUTCOMES]; /* tasks by outcome */
    bool stops[DAG_STOP_TIMEOUT +
               1]; /* by reason: it is among those for which the run stopped */
    DagStop stop;  /* the greatest of them */
    bool is_simulated;
    /* The strategy begins a phase when the one before has ended; false if it is unknown. */
    bool has_barrier;
    bool keep_going;
    bool succeeded;
    const char *source;  /* the name of the file that it was read from, or NULL */
    GArray *tasks;       /* of DagPastTask, in order of declaration */
    GArray *attempts;    /* of DagPastAttempt, those of each task together */
    GArray *phases;      /* of DagPastPhase */
    GArray *pools;       /* of DagPastPool */
    GArray *params;      /* of DagPastParam */
    GPtrArray *excluded; /* of const char *: the ids of tasks that a condition excluded */
    GStringChunk *texts; /* all the text above */
} DagPastRun;

/* Return an empty record; free with dag_past_run_free(). */
DagPastRun *dag_past_run_new(void);

/* Free the record and its texts; NULL is fine. */
void dag_past_run_free(DagPastRun *past);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagPastRun, dag_past_run_free)

/* Return a copy of the record of a run in memory, which may then be freed.  O(tasks + dependencies).
 * Free it with dag_past_run_free(). */
DagPastRun *dag_past_run_of(const DagRun *run);

/* Return a copy of the text that lives as long as the record; NULL of NULL. */
const char *dag_past_run_keep(DagPastRun *past, const char *text);

/* Return task number `i` of the record; borrowed. */
static inline DagPastTask *
dag_past_run_task(const DagPastRun *past, uint32_t i)
{
    return &g_array_index(past->tasks, DagPastTask, i);
}

/* Return the attempts of a task, [task->n_attempts]; borrowed. */
static inline DagPastAttempt *
dag_past_run_attempts(const DagPastRun *past, const DagPastTask *task)
{
    return &g_array_index(past->attempts, DagPastAttempt, task->first_attempt);
}

G_END_DECLS
