/* SPDX-License-Identifier: MIT */
/*
 * The ready set decides which task may start now: by the release rule, the dependencies, the
 * capacities and the failures so far, in the order of the strategy.  It holds the state of every
 * task (state.h).
 *
 * Every driver uses it in the same way:
 *
 *     begin
 *     repeat: id = next(unit, now)        run it        end(id, outcome) | settle | pause | withdraw
 *     until is_done
 *     finish
 *
 * The ready set knows neither clocks nor threads: the driver passes the time and provides the
 * lock.
 */
#pragma once

#include "ready/bucket.h"
#include "ready/state.h"

#include <dagrun/strategy.h>

typedef struct ReadySet ReadySet;

/* Callbacks of the ready set; each may be NULL. */
typedef struct ReadyListener {
    /* Only with a barrier. */
    void (*phase_began)(uint32_t phase, void *data);
    void (*phase_ended)(uint32_t phase, void *data);
    /* A task got its outcome without running now: it never ran, or will not be tried again. */
    void (*never_ran)(DagTaskId id, DagOutcome outcome, void *data);
    void *data;
} ReadyListener;

typedef struct ReadyOptions {
    const DagStrategy *strategy;
    DagMachine machine;
    uint64_t seed;
    DagSearchLimits search; /* for a strategy that searches */
    bool keep_going;        /* after a failure, go on with tasks that do not depend on it */
    ReadyListener listener;
} ReadyOptions;

/* Return a ready set in which all tasks are waiting.  Borrows the plan. */
ReadySet *dag__ready_set_new(const DagPlan *plan, const ReadyOptions *options);
void dag__ready_set_free(ReadySet *set);

/* Set the number of workers, while no task runs: the system may have fewer threads than planned. */
void dag__ready_set_n_workers(ReadySet *set, unsigned n_workers);

/* Make the first tasks ready.  Call it once: after dag__ready_has_ended() and dag__ready_has_started(), and
 * before all that follow here. */
void dag__ready_begin(ReadySet *set);

/*
 * Before dag__ready_begin(): a task has ended.  Call it in ascending order of task numbers; every task
 * that such a task depends on must have ended, too.  A failure blocks tasks or stops the set, as with
 * dag__ready_end(), when the set begins.
 */
void dag__ready_has_ended(ReadySet *set, DagTaskId id, DagOutcome outcome);

/* Before dag__ready_begin(): a task runs.  All that it depends on must have ended.
 * Returns: false, with nothing changed, if there are not enough capacities for it. */
bool dag__ready_has_started(ReadySet *set, DagTaskId id);

/*
 * Take the task that starts next on a unit of the kind `unit` at the time `now_ns`, with all
 * capacities that it needs.
 * Before a clean-up, the tasks that it waited for get their outcomes.
 * Returns: DAG_TASK_NONE if no task may start.
 */
DagTaskId dag__ready_next(ReadySet *set, DagOccupies unit, int64_t now_ns);

/* Advance the time to `now_ns`: make the paused tasks ready that are due.  dag__ready_next() does this itself. */
void dag__ready_wake(ReadySet *set, int64_t now_ns);

/* Return true if dag__ready_next() would return a task, paused tasks not counted. */
bool dag__ready_has_next(ReadySet *set, DagOccupies unit);

/*
 * End a running task.  A failure that is not allowed ends the tasks behind it as blocked, if
 * keep_going is set; otherwise it stops the set.  DAG_CANCELLED always stops the set.
 */
void dag__ready_end(ReadySet *set, DagTaskId id, DagOutcome outcome);

/* End a task that was taken but need not run, as a success: rates of pools get back what it took. */
void dag__ready_settle(ReadySet *set, DagTaskId id);

/*
 * Pause a running task that failed until `due_ns`; then it becomes ready again.  If the set is
 * stopped before, the task ends with `outcome`.
 * Returns: false, with nothing changed, if the set is stopped already: end the task.
 */
bool dag__ready_pause(ReadySet *set, DagTaskId id, DagOutcome outcome, int64_t due_ns);

/* No pool. */
#define READY_NO_POOL UINT32_MAX

/*
 * Return a running task to the queue, and close a pool that it uses, until `until_ns`: no task that uses
 * it starts before, and then it has no tokens.  With READY_NO_POOL, only the task itself waits.
 * Returns: false, with nothing changed, if the set is stopped: end the task.
 */
bool dag__ready_withdraw(ReadySet *set, DagTaskId id, uint32_t pool, int64_t now_ns,
                         int64_t until_ns);

/* Let the pool have had no more than this at `ns`; see dag__capacities_lower(). */
void dag__ready_lower(ReadySet *set, uint32_t pool, const PoolRest *rest, int64_t ns);

/*
 * A running task will use `amount` tokens of its pools: in all, or, if `is_further`, beside those it holds.
 * Returns: `now_ns`; or when the pools have them.  Then the task waits in place, if `is_further`, and no task in the
 *   queue gets them before; otherwise it must be withdrawn, and starts again when the pools have them.
 */
int64_t dag__ready_reserve_tokens(ReadySet *set, DagTaskId id, uint64_t amount,
                                  bool is_further, int64_t now_ns);

/* A running task has used so many tokens; call it before the task ends, pauses or is withdrawn.  Without it, the
 * estimate stands. */
void dag__ready_correct_tokens(ReadySet *set, DagTaskId id, uint64_t used);

/* Return the time of the next event that lets a task start by itself, or INT64_MAX: the end of a pause,
 * or a token of a rate. */
int64_t dag__ready_next_ns(ReadySet *set);

/* Start nothing more except clean-ups.  Tasks that will not run end, without an outcome yet. */
void dag__ready_stop(ReadySet *set);

/* Start nothing more at all. */
void dag__ready_halt(ReadySet *set);

bool dag__ready_is_stopped(const ReadySet *set);

/* Return true if no task runs and no task will start any more. */
bool dag__ready_is_done(ReadySet *set);

/* Give every task that never ran its outcome, once the set is done: blocked if a predecessor did
 * not succeed, else cancelled. */
void dag__ready_finish(ReadySet *set);

/* Return the schedule of a strategy that searches; NULL for others.  Borrowed. */
const DagSchedule *dag__ready_schedule(const ReadySet *set);
