/* SPDX-License-Identifier: MIT */
/*
 * A chain is taken by counting one predecessor more for each of its tasks: then the end of its
 * predecessor does not release it.  Returning the task takes that back.
 */
#include "run/tiny/batch.h"

#include "ready/ready-set-private.h"
#include "run/tiny/cache.h"

size_t
dag__batch_n_ready(ReadySet *set)
{
    dag__ready_enqueue_freed(set);
    return set->tasks.n_in[TASK_READY];
}

/* Append the chain behind the only task of the batch. */
static void
take_chain(ReadySet *set, Batch *batch, unsigned size)
{
    while (batch->n < size) {
        DagIds succs = dag__successors(set->graph, batch->ids[batch->n - 1]);

        if (succs.n != 1 || !countdown_is_last(&set->tasks, succs.ids[0]))
            return;
        countdown_untick(&set->tasks, succs.ids[0]);
        batch->ids[batch->n++] = succs.ids[0];
    }
}

/* Return true if the end of a task has no effect but to release its successors. */
static bool
can_take_chains(const ReadySet *set)
{
    return !set->has_barrier && !set->has_always && !set->holds.first;
}

void
dag__batch_take(ReadySet *set, Batch *batch, unsigned share, unsigned size)
{
    batch->n = batch->n_taken = (unsigned)MIN(share, set->tasks.n_in[TASK_READY]);
    dag__ready_queue_take_some(set->queue, batch->ids, batch->n);
    dag__capacities_take(set->capacities, 0);
    if (batch->n == 1 && set->tasks.n_in[TASK_READY] == 1 && can_take_chains(set))
        take_chain(set, batch, size);
    task_table_move(&set->tasks, (DagIds){batch->ids, batch->n_taken}, TASK_READY,
                    TASK_RUNNING, DAG_PENDING);
    task_table_move(&set->tasks,
                    (DagIds){batch->ids + batch->n_taken, batch->n - batch->n_taken},
                    TASK_WAITING, TASK_RUNNING, DAG_PENDING);
    for (unsigned i = 0; set->stopped && i < batch->n; i++)
        dag__ready_decide_before(set, batch->ids[i]);
}

void
dag__batch_succeed(ReadySet *set, const Batch *batch, unsigned n)
{
    task_table_move(&set->tasks, (DagIds){batch->ids, n}, TASK_RUNNING, TASK_ENDED,
                    DAG_SUCCEEDED);
    if (set->has_barrier)
        set->n_left[set->phase] -= n; /* tasks of other phases do not run */
    dag__ready_release(set, batch->ids, n);
    dag__ready_advance(set);
}

/* Return a task of the batch that was not started and is still running in the ready set. */
static void
put_back(ReadySet *set, DagTaskId id, bool is_of_chain)
{
    bool waits = is_of_chain && !countdown_tick(&set->tasks, id);

    if (waits && may_start(set, id))
        task_table_move_one(&set->tasks, id, TASK_WAITING, DAG_PENDING);
    else
        dag__ready_return(set, id);
}

void
dag__batch_end(ReadySet *set, const Batch *batch, unsigned n_run, bool holds_unit)
{
    if (holds_unit)
        dag__capacities_release(set->capacities, 0);
    for (unsigned i = batch->n; i-- > n_run;)
        if (task_table_state(&set->tasks, batch->ids[i]) == TASK_RUNNING)
            put_back(set, batch->ids[i], i >= batch->n_taken);
    if (n_run < batch->n) {
        dag__capacities_reconsider(set->capacities);
        dag__ready_advance(set);
    }
}

/* Return whether the cells of `ids` lie so far apart that hardly two share a cache line, guessed
 * from the first and the last.  False for one task, which is not worth it. */
static bool
is_sparse(const DagTaskId *ids, unsigned n)
{
    DagTaskId first = ids[0], last = ids[n - 1];

    return (first > last ? first - last : last - first) / (CACHE_LINE / sizeof(TaskCell)) >=
           n;
}

/* If the tasks of a batch lie close together, tasks of other workers lie among them.  Then the
 * holder of the lock writes to the same lines, and fetching them here would only slow it down. */
void
dag__batch_prefetch(const ReadySet *set, const DagTaskId *ids, unsigned n)
{
    if (!set->has_barrier)
        prefetch_rows(set->graph, ids, n);
    if (!is_sparse(ids, n))
        return;
    if (!set->has_barrier)
        prefetch_successors(&set->tasks, set->graph, ids, n);
    for (unsigned i = 0; i < n; i++)
        prefetch_write(&set->tasks.cells[ids[i]]);
}
