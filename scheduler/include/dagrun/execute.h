/* SPDX-License-Identifier: MIT */
/*
 * Execution of a plan.  Worker threads (a GThreadPool) and one I/O thread take ready tasks in the
 * order of the strategy until every task has ended.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/engine.h>
#include <dagrun/memory.h>
#include <dagrun/plan.h>
#include <dagrun/run.h>
#include <dagrun/spool.h>
#include <dagrun/strategy.h>

G_BEGIN_DECLS

/* The default of DagExecuteOptions.grace_ns. */
#define DAG_GRACE_NS (INT64_C(5) * 1000000000)

/* The default of DagExecuteOptions.n_connections. */
#define DAG_DEFAULT_CONNECTIONS 64

/*
 * Events, in an order that observers may rely on:
 *
 *   RUN_STARTED is first, RUN_FINISHED is last; both come exactly once, also if no thread could be
 *   started.
 *   TASK_STARTED comes once per attempt, and never for a task that is DAG_REUSED; ATTEMPT_FAILED after each attempt that another one
 *   follows, and TASK_FINISHED exactly once per task, also if the task never ran.
 *   TASK_FINISHED of a predecessor that ran comes before TASK_STARTED of a task that needs it.
 *   TEXT and TOKENS come between TASK_STARTED of an attempt and its ATTEMPT_FAILED, ATTEMPT_WITHDRAWN or
 *   TASK_FINISHED.
 *   LATE_TEXT comes right before RUN_FINISHED.
 *   PHASE_STARTED and PHASE_FINISHED come only with a barrier; PHASE_FINISHED follows the
 *   TASK_FINISHED of every task of the phase, and comes before the next PHASE_STARTED.
 *   CANCELLED and TICK come at any time between RUN_STARTED and RUN_FINISHED.
 */
typedef enum DagEventType {
    DAG_EVENT_RUN_STARTED,
    DAG_EVENT_PHASE_STARTED,
    DAG_EVENT_TASK_STARTED,
    DAG_EVENT_ATTEMPT_FAILED, /* another attempt follows, unless the run stops before */
    DAG_EVENT_TASK_FINISHED,
    DAG_EVENT_PHASE_FINISHED,
    DAG_EVENT_RUN_FINISHED,
    DAG_EVENT_CANCELLED, /* the level of DagExecuteOptions.cancel has risen */
    DAG_EVENT_TICK,      /* time has passed; only for observers with tick_ns */
    DAG_EVENT_LATE_TEXT, /* at the end: the last text that processes wrote after their task */
    DAG_EVENT_TEXT,      /* a running task wrote text; only with `follow` */
    /* The attempt does not count, and starts again when its pool is open, or has the tokens for it:
     * dag_job_wait(), dag_job_reserve() */
    DAG_EVENT_ATTEMPT_WITHDRAWN,
    DAG_EVENT_TOKENS, /* of an answer that is still arriving; only with `follow`, at ticks */
} DagEventType;

/* An event.  Borrowed pointers are valid until notify() returns. */
typedef struct DagEvent {
    DagEventType type;
    DagTaskId task; /* of TASK, ATTEMPT, TEXT and TOKENS events, else DAG_TASK_NONE */
    uint32_t phase; /* of PHASE events */
    /* Of TASK_STARTED, ATTEMPT_FAILED and ATTEMPT_WITHDRAWN: its number, from 1. */
    unsigned attempt;
    /* Of ATTEMPT_FAILED and ATTEMPT_WITHDRAWN: until the next attempt is due. */
    int64_t pause_ns;
    /* Of ATTEMPT_WITHDRAWN: the name of the pool that the task waits for; borrowed.  NULL: there is none, or it is not
     * known which one. */
    const char *pool;
    const DagAttempt *failed; /* of ATTEMPT_FAILED, else NULL; borrowed */
    int64_t time_ns;          /* since the run began */
    /* Records may be read of tasks whose TASK_FINISHED was delivered. */
    const DagRun *run;
    /* Of TASK_FINISHED, ATTEMPT_FAILED and ATTEMPT_WITHDRAWN: the text that the attempt wrote; borrowed, or
     * NULL. */
    const DagSpool *transcript;
    const char *text; /* of TEXT and LATE_TEXT: [text_size]; borrowed */
    size_t text_size;
    DagStream stream; /* of TEXT */
    /* Of TOKENS: received so far by the attempt; see dag_context_count_tokens(). */
    uint64_t n_tokens;
} DagEvent;

/* The text of running tasks that observers receive while it is written. */
typedef enum DagFollow {
    DAG_FOLLOW_NONE,
    /* At each tick, the last line of each task that wrote since the tick before, without its newline,
     * and up to 256 bytes of it. */
    DAG_FOLLOW_LAST,
    /* All text, in pieces of any size.  If an observer is slow, tasks wait for it, up to their time limits
     * and that of the run; on the I/O thread, all jobs wait when one does. */
    DAG_FOLLOW_ALL,
} DagFollow;

/* A receiver of events. */
typedef struct DagObserver {
    /* Called on the thread that called dag_execute(), in the order of the events.  It may be
     * slow: no task waits for it, unless it follows all text (DAG_FOLLOW_ALL). */
    void (*notify)(const DagEvent *event, void *data);
    void *data;      /* passed to notify() and flush() */
    int64_t tick_ns; /* the least time between two DAG_EVENT_TICK; 0: none */
    /* Called after the last event of each batch, or NULL.  The observers behind this one in the list receive the
     * events of the batch afterwards: they tell nothing that this one has not dealt with. */
    void (*flush)(void *data);
} DagObserver;

/* How a plan is executed; all zero stands for the defaults. */
typedef struct DagExecuteOptions {
    const DagStrategy *strategy; /* NULL: the first of dag_strategies() */
    unsigned n_workers;          /* 0: the cores that this process may use */
    unsigned n_connections;      /* 0: DAG_DEFAULT_CONNECTIONS */
    /* For strategies that draw random numbers, and for pauses between attempts; 0: those pauses
     * are random. */
    uint64_t seed;
    int64_t budget_ns;  /* for strategies that search; 0: their own */
    bool keep_going;    /* after a failure, go on with tasks that do not depend on it */
    unsigned retries;   /* attempts after the first, of tasks that declare none */
    int64_t timeout_ns; /* of the run; 0: none */
    /* From asking a task to end to killing it; not given: DAG_GRACE_NS (see DAG_ZERO). */
    int64_t grace_ns;
    /* Limits for questions to language models; see dag_job_reserve(). */
    double max_cost;              /* in the currency of the prices; 0: without limit */
    uint64_t max_tokens;          /* 0: without limit */
    DagCancel *cancel;            /* NULL: the run cannot be cancelled */
    const DagObserver *observers; /* [n_observers] */
    size_t n_observers;
    DagFollow follow; /* the text of running tasks that observers receive */
    /* A directory in which the text of each task also goes to the file dag_log_name(), as it
     * comes; NULL: none.  The caller sees to it that no other run uses it meanwhile. */
    const char *log_directory;
    const DagOpenEngine *engines; /* [n_engines]: opened by the caller; borrowed */
    size_t n_engines;
    /* The results of earlier runs, and the place for those of this one; borrowed.  NULL: none, and each task
     * runs. */
    const DagMemory *memory;
} DagExecuteOptions;

/*
 * Execute the plan and wait for its end.  Tasks that fail are records of the run, not an error.
 * `options` may be NULL.  No task runs any more once this has returned.
 *
 * Returns: the run, or NULL with DAG_ERROR_IO if a declared input is missing, threads or descriptors are used up, or
 *   log_directory cannot be opened.
 */
DagRun *dag_execute(const DagPlan *plan, const DagExecuteOptions *options, GError **error);

/*
 * Fill order_out[n_tasks] with the order in which one worker starts the tasks if all succeed: a
 * dry run.  `strategy` NULL: the first of dag_strategies().
 */
void dag_execute_order(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                       DagTaskId *order_out);

/* Return the name of the log of `id`: "TASK.log", with characters replaced that a file name
 * cannot have, and shortened if it is too long.  Free it with g_free(). */
char *dag_log_name(const DagGraph *graph, DagTaskId id);

/* Return the number of cores that this process may use, at least 1: by its affinity, and by the quotas
 * of its control groups, where a part of a core counts as one. */
unsigned dag_default_workers(void);

G_END_DECLS
