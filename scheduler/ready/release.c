/* SPDX-License-Identifier: MIT */
/*
 * Releasing: tasks become ready when others end.
 *
 * A task waits for the success of its predecessors; a clean-up (DagPolicy.always) waits for the
 * same predecessors, but only for their end.  A held task also waits for the end of the tasks that
 * it is held for.
 */
#include "ready/ready-set-private.h"

void
dag__ready_enqueue(ReadySet *set, DagTaskId id)
{
    if (task_table_state(&set->tasks, id) == TASK_ENDED) /* ended by a stop meanwhile */
        return;
    task_table_move_one(&set->tasks, id, TASK_READY, DAG_PENDING);
    dag__ready_queue_put_all(set->queue, &id, 1);
    dag__capacities_reconsider(set->capacities);
}

void
dag__ready_enqueue_due(ReadySet *set, DagTaskId id)
{
    if (task_table_state(&set->tasks, id) == TASK_ENDED) /* ended by a stop meanwhile */
        return;
    task_table_move_one(&set->tasks, id, TASK_READY, DAG_PENDING);
    dag__ready_queue_put_due(set->queue, id);
    dag__capacities_reconsider(set->capacities);
}

void
dag__ready_enqueue_freed(ReadySet *set)
{
    DagNumbers *freed = &set->freed;

    if (freed->n == 0)
        return;
    if (set->stopped) {
        for (size_t i = 0; i < freed->n; i++)
            dag__ready_enqueue(set, freed->items[i]);
    } else {
        task_table_move(&set->tasks, (DagIds){freed->items, freed->n}, TASK_WAITING,
                        TASK_READY, DAG_PENDING);
        dag__ready_queue_put_all(set->queue, freed->items, freed->n);
        dag__capacities_reconsider(set->capacities);
    }
    freed->n = 0;
}

/* Decrement the counts of the tasks that are held for `id`. */
static void
release_held(ReadySet *set, DagTaskId id)
{
    DagIds held = holds_after(&set->holds, id);

    for (size_t i = 0; i < held.n; i++)
        if (countdown_tick(&set->tasks, held.ids[i]) &&
            task_table_state(&set->tasks, held.ids[i]) == TASK_WAITING)
            dag__numbers_add(&set->freed, held.ids[i]);
}

void
dag__ready_release(ReadySet *set, const DagTaskId *ids, size_t n)
{
    if (set->has_barrier)
        return;
    countdown_release(&set->tasks, set->graph, ids, n, &set->freed);
    for (size_t i = 0; set->holds.first && i < n; i++)
        release_held(set, ids[i]);
}

void
dag__ready_release_always(ReadySet *set, DagTaskId id)
{
    DagIds succs = dag__successors(set->graph, id);

    if (set->has_barrier)
        return;
    release_held(set, id);
    for (size_t s = 0; set->has_always && s < succs.n; s++)
        if (is_always(set, succs.ids[s]) && countdown_tick(&set->tasks, succs.ids[s]))
            dag__numbers_add(&set->freed, succs.ids[s]);
}
