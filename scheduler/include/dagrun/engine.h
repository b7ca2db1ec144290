/* SPDX-License-Identifier: MIT */
/*
 * An engine is the state that all tasks of one protocol share during one run: a table of child
 * processes, or a set of network connections with their I/O loop.  A kind names the engine it
 * needs (DagKind.engine).  Each run has its own engines; two runs in one program share nothing.
 *
 * A run opens an engine when the first task that needs it is due, and closes it after the last
 * task has ended.  A caller that opens an engine itself passes it in DagExecuteOptions.engines;
 * the run uses it and does not close it.
 *
 * An engine of connection kinds (DAG_OCCUPIES_CONNECTION) also has fd(), next_ns() and
 * dispatch().  dag_execute() calls these, and start() and cancel() of the kinds, on one thread
 * per run, the I/O thread.  None of them may block.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/kind.h>

G_BEGIN_DECLS

/* An engine: a constant, like a kind. */
typedef struct DagEngine {
    const char *name; /* of the protocol, such as "process" */

    /*
     * Open the engine for one run.  Called at most once per run, on the thread that starts the
     * first task that needs it.  Other tasks that need an engine wait meanwhile, so it must not wait for
     * anything else, such as the network.
     *
     * Returns: the state handed to the other functions and by dag_context_engine(); NULL with
     *   `error` set on failure.  Then every task that needs the engine fails with that message.
     */
    void *(*open)(GError **error);

    /* Close the engine.  No task uses it any more.  Called on the thread that called
     * dag_execute(). */
    void (*close)(void *engine);

    /* Return a descriptor that is readable when dispatch() has something to do, or -1. */
    int (*fd)(void *engine);

    /* Return the time of the next timer by dag_clock_ns(), or INT64_MAX. */
    int64_t (*next_ns)(void *engine);

    /* Handle what is due: descriptors and timers.  Calls dag_job_finish() for each job that has
     * ended. */
    void (*dispatch)(void *engine);
} DagEngine;

/* An engine that the caller of dag_execute() has opened. */
typedef struct DagOpenEngine {
    const DagEngine *engine;
    void *state; /* borrowed */
} DagOpenEngine;

/*
 * Return the state of the engine that the kind of the running task names.  Opens it if no task
 * of the run has needed it before.
 *
 * Returns: NULL with the error of DagEngine.open, or if the kind names no engine.
 */
void *dag_context_engine(DagContext *context, GError **error);

/* Return the context of the job.  Valid until dag_job_finish(). */
DagContext *dag_job_context(DagJob *job);

/* Attach data of the kind to the job; NULL at first.  The kind frees it before it calls
 * dag_job_finish(). */
void dag_job_set_data(DagJob *job, void *data);

/* Return the data that dag_job_set_data() attached last. */
void *dag_job_data(const DagJob *job);

/*
 * End the job.  Must be called exactly once per started job, on the I/O thread: within start(),
 * cancel() or dispatch().  The outcomes are those of DagKind.run().
 */
void dag_job_finish(DagJob *job, DagOutcome outcome);

/*
 * Instead of dag_job_finish(): withdraw the attempt, since a server has asked to wait.  It does not count
 * and leaves no record.  The pool called `pool`, which the task must use, is closed until `until_ns` by
 * dag_clock_ns(): no task that uses it starts before.  If the pool has a rate, it is used up at that
 * time.  The task gives its slots back and is the first of its equals to start again.  With NULL for `pool`,
 * only this task waits.  If the run stops before, it ends as cancelled, or as its last attempt that counts,
 * which failed.
 *
 * I/O thread, as dag_job_finish().
 */
void dag_job_wait(DagJob *job, const char *pool, int64_t until_ns);

/* The rest of the limits of a server, as it says.  UINT32_MAX: it does not say. */
typedef struct DagRemaining {
    uint32_t starts; /* attempts */
    uint32_t tokens; /* of language models */
    int64_t at_ns;   /* when it said so, by dag_clock_ns() */
} DagRemaining;

/*
 * Tell what a server says of its limits.  The pool called `pool`, which the task must use, had no more of its rate and
 * of its tokens at that time.  It never gets more than it has.
 *
 * I/O thread, as dag_job_finish().
 */
void dag_job_lower(DagJob *job, const char *pool, const DagRemaining *remaining);

/* The most that a question to a language model may use, as far as is known before it is sent. */
typedef struct DagReservation {
    uint64_t tokens;
    bool has_cost;   /* the service has prices */
    double cost;     /* in their currency */
    bool is_further; /* beside earlier questions of this attempt, which stand */
} DagReservation;

/* The answer to dag_job_reserve(). */
typedef enum DagReserved {
    DAG_RESERVED,
    DAG_RESERVED_LATER, /* the pools of the task do not have the tokens yet */
    DAG_RESERVED_NEVER, /* the budget of the run does not suffice; the run starts nothing more */
} DagReserved;

/*
 * Reserve the use of a question, before it is sent: tokens of the pools of the task, and of the budget of the
 * run (DagExecuteOptions.max_cost, max_tokens).  At the end of the attempt, the usage takes its place
 * (dag_context_add_usage()).  The kind has counts_tokens.
 *
 * Returns: DAG_RESERVED_LATER with the time by dag_clock_ns() in `*when_ns_out`.  Then call dag_job_wait()
 *   without a pool; or, if the question is a further one, this again at that time or before, since others may give
 *   tokens back; they are kept for it until then.  DAG_RESERVED_NEVER with
 *   the reason in `*reason_out`, to be freed with g_free().
 *
 * I/O thread, as dag_job_finish().
 */
DagReserved dag_job_reserve(DagJob *job, const DagReservation *wanted, int64_t *when_ns_out,
                            char **reason_out);

G_END_DECLS
