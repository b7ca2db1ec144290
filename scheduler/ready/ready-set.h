/* SPDX-License-Identifier: MIT */
/*
 * Which tasks may start: what the release rule, the dependencies, the pools and the failures so
 * far allow, in the order of the strategy.  The executor, the simulator and the dry run all
 * drive this; it knows neither clock nor thread, and is used under the lock of whoever owns it.
 */
#pragma once

#include <dagrun/execute.h>
#include <dagrun/strategy.h>

typedef struct ReadySet ReadySet;

/* Told as things happen inside the set; `data` as given. */
typedef struct ReadySetListener {
    void (*phase)(DagEventType type, uint32_t phase, void *data); /* barriers only */
    /* Settled by the set itself: it never ran, or will not be tried again. */
    void (*settled)(DagTaskId id, void *data);
    void *data;
} ReadySetListener;

/*
 * Everything without dependencies may start at once (with a barrier: in the first phase).
 * `keep_going`: after a failure, go on with what does not depend on it.
 */
ReadySet *dag__ready_set_new(const DagPlan *plan, const DagStrategy *strategy,
                             uint64_t seed, bool keep_going,
                             const ReadySetListener *listener);
void dag__ready_set_free(ReadySet *set);

/* Opens the first phase; call once, before anything else. */
void dag__ready_set_begin(ReadySet *set);

/* Returns: 0 if nothing may start now; else the number of tasks that wait to be started, of
 * which at least one may. */
size_t dag__ready_set_length(ReadySet *set);

/* Returns: the task to start now, with what it uses of pools; the length must not be 0. */
DagTaskId dag__ready_set_take(ReadySet *set);

/* The largest batch: enough to share the cost of a lock out; more only holds up what the batch
 * makes ready. */
#define READY_BATCH 128

/* Tasks that one worker runs, one after the other as long as they succeed. */
typedef struct ReadyBatch {
    DagTaskId ids[READY_BATCH]; /* [n] */
    unsigned n;
    unsigned n_taken; /* the others become ready by what comes before them in the batch */
} ReadyBatch;

/*
 * Takes `share` of the tasks that may start now, or as many as there are; the length must not be
 * 0.  If that is one task and no other may start, also what it makes ready, one after the other,
 * should they succeed, up to `size` (at most READY_BATCH) in all.  So a chain is taken many tasks
 * at a time, and not one.
 */
void dag__ready_set_take_batch(ReadySet *set, ReadyBatch *batch, unsigned share,
                               unsigned size);

/*
 * Without the lock: fetches into the cache of this processor what settling `n` tasks, at least one,
 * will look at.  Changes nothing and reads nothing that changes.
 */
void dag__ready_set_read_ahead(const ReadySet *set, const DagTaskId *ids, unsigned n);

/* Tells how a task that was taken ended.  DAG_CANCELLED, and without keep_going any failure
 * that is not allowed, stops the set. */
void dag__ready_set_settle(ReadySet *set, DagTaskId id, DagOutcome outcome);

/* Tells that `n` tasks that were taken have succeeded, in this order. */
void dag__ready_set_succeed(ReadySet *set, const DagTaskId *ids, unsigned n);

/*
 * Takes a task that was taken and failed for one that may start again at `due_ns`; should the
 * set be stopped before, it ends with `outcome`.
 * Returns: false if it has been stopped already: settle the task.
 */
bool dag__ready_set_retry(ReadySet *set, DagTaskId id, DagOutcome outcome, int64_t due_ns);

/* Returns: when the next such task is due, or INT64_MAX. */
int64_t dag__ready_set_next_due(const ReadySet *set);

/* Lets the tasks start that are due. */
void dag__ready_set_wake(ReadySet *set, int64_t now_ns);

/* Gives back all but the first `n_run` of a batch, which have been settled: they were not
 * started. */
void dag__ready_set_give_back(ReadySet *set, const ReadyBatch *batch, unsigned n_run);

/* Starts nothing more but clean-ups. */
void dag__ready_set_stop(ReadySet *set);

/* Starts nothing more at all. */
void dag__ready_set_halt(ReadySet *set);

bool dag__ready_set_is_stopped(const ReadySet *set);

/* Returns: whether nothing runs and nothing will start any more. */
bool dag__ready_set_is_done(ReadySet *set);

/*
 * Settles, once the set is done, every task that never ran: blocked if a predecessor did not
 * succeed, else cancelled.  Ends the phase that was running.
 */
void dag__ready_set_abandon(ReadySet *set);

/* Returns: how a task was settled, or DAG_PENDING. */
DagOutcome dag__ready_set_outcome(const ReadySet *set, DagTaskId id);
