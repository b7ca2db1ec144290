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

/* Tells how a task that was taken ended.  DAG_CANCELLED, and without keep_going any failure
 * that is not allowed, stops the set. */
void dag__ready_set_settle(ReadySet *set, DagTaskId id, DagOutcome outcome);

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

/* Gives back a task that was taken but not started; of several, the last one taken first. */
void dag__ready_set_give_back(ReadySet *set, DagTaskId id);

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
