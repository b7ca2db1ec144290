/* SPDX-License-Identifier: MIT */
/*
 * The inside of a ready set, for the files that implement it: ready-set.c (taking and ending
 * tasks), release.c (which tasks an end makes ready), stop.c (which tasks an end or a stop keeps
 * from running), barrier.c (phases), and run/tiny.
 */
#pragma once

#include "ready/capacity.h"
#include "ready/countdown.h"
#include "ready/holds.h"
#include "ready/pauses.h"
#include "ready/queue.h"
#include "ready/ready-set.h"

#include "model/numbers.h"

struct ReadySet {
    /* Read-only once the set has begun. */
    const DagPlan *plan;
    const DagGraph *graph;
    ReadyListener listener;
    bool has_barrier;
    bool keep_going;
    bool has_always; /* there are clean-ups */
    TaskClasses classes;
    DagSchedule schedule; /* of a strategy that searches; order is NULL otherwise */
    Holds holds;

    TaskTable tasks;
    ReadyQueue *queue; /* tasks that are ready */
    Capacities *capacities;
    Pauses *pauses;   /* tasks that are paused */
    DagNumbers freed; /* of DagTaskId: wait for nothing any more, not in the queue yet */
    DagNumbers stack; /* of DagTaskId: scratch of stop.c */
    DagNumbers failed_before; /* of DagTaskId: ended before the set began, and not well */
    bool stopped;             /* only clean-ups may start */
    bool halted;              /* no task may start */

    /* Barriers only. */
    uint32_t *n_left; /* [n_phases]: tasks that have not ended */
    uint32_t phase;   /* the phase that runs */
    bool phase_has_begun;
};

/* Return true if the task is a clean-up. */
static inline bool
is_always(const ReadySet *set, DagTaskId id)
{
    return set->has_always && dag_graph_task_policy(set->graph, id)->always;
}

/* Return true unless a stop keeps the task from starting. */
static inline bool
may_start(const ReadySet *set, DagTaskId id)
{
    return !set->stopped || (!set->halted && is_always(set, id));
}

/* Count `id` as ended in its phase. */
static inline void
count_off(ReadySet *set, DagTaskId id)
{
    if (set->has_barrier)
        set->n_left[dag_plan_phase(set->plan, id)]--;
}

/* ready-set.c */

/* Return a running task that was never started to the queue; its capacities and the next phase are
 * up to the caller. */
void dag__ready_return(ReadySet *set, DagTaskId id);

/* release.c */

/* Make a waiting task ready. */
void dag__ready_enqueue(ReadySet *set, DagTaskId id);

/* Make a task ready whose pause has ended. */
void dag__ready_enqueue_due(ReadySet *set, DagTaskId id);

/* Make the tasks in `freed` ready. */
void dag__ready_enqueue_freed(ReadySet *set);

/* Release all successors of tasks that ended well, and the tasks held for them. */
void dag__ready_release(ReadySet *set, const DagTaskId *ids, size_t n);

/* Release the clean-ups among the successors of a task that did not end well, and the tasks held
 * for it. */
void dag__ready_release_always(ReadySet *set, DagTaskId id);

/* stop.c */

/* Return true if the successors of a task may run after it ended with `outcome`. */
bool dag__ready_is_good_end(const ReadySet *set, DagTaskId id, DagOutcome outcome);

/* End, as blocked, every task that depends on `failed`, directly or not, except clean-ups and
 * the tasks behind those. */
void dag__ready_block_successors(ReadySet *set, DagTaskId failed);

/* Give a task that ended without an outcome its outcome.  Its predecessors that ended must have theirs. */
void dag__ready_decide(ReadySet *set, DagTaskId id);

/* Before the clean-up `id` starts: give the tasks that it waited for their outcomes, as far as they
 * ended without one.  They are blocked if a task that they depend on has failed by now, else cancelled. */
void dag__ready_decide_before(ReadySet *set, DagTaskId id);

/* Stop, without going on to the next phase. */
void dag__ready_stop_tasks(ReadySet *set);

/* barrier.c */

/* Go on to the next phase if all tasks of the present one have ended.  Without a barrier: do
 * nothing. */
void dag__ready_advance(ReadySet *set);

/* End the last phase. */
void dag__ready_end_phase(ReadySet *set);
