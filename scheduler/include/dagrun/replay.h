/* SPDX-License-Identifier: MIT */
/*
 * A recorded run as a model for simulations: each attempt takes as long, and ends, as it did.  So the
 * same tasks can be simulated with another strategy or another number of workers.
 */
#pragma once

#include <dagrun/past-run.h>
#include <dagrun/simulate.h>

G_BEGIN_DECLS

typedef struct DagReplay DagReplay; /* borrows its record */

/*
 * Match the tasks of a graph with those of a record, by their ids.  O(tasks).
 * Returns: the replay; free with dag_replay_free(), before the record.
 */
DagReplay *dag_replay_new(const DagGraph *graph, const DagPastRun *past);

/* Free a replay; NULL is fine. */
void dag_replay_free(DagReplay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagReplay, dag_replay_free)

/* Forget the record of a task: it takes its cost, and succeeds. */
void dag_replay_forget(DagReplay *replay, DagTaskId id);

/*
 * Return the seconds that all attempts of a task took, without the pauses between them; -1 if that is
 * not known: the record does not have the task, or it never ran, or it was cancelled.
 */
double dag_replay_cost(const DagReplay *replay, DagTaskId id);

/*
 * Return how an attempt of a task went.  A task of unknown cost takes that of the plan, and succeeds;
 * attempts that the record does not have go as the last one did.  For DagSimulateOptions.attempt, with
 * a DagReplay as data.
 */
DagSimulatedAttempt dag_replay_attempt(const DagPlan *plan, DagTaskId id, unsigned attempt,
                                       void *replay);

/*
 * Return the options of a simulation of the same run: its strategy (NULL if it is unknown), workers,
 * connections, seed and retries, and its attempts.  Pauses between attempts are those that the
 * simulator draws.  The options borrow the replay.
 */
DagSimulateOptions dag_replay_options(DagReplay *replay);

G_END_DECLS
