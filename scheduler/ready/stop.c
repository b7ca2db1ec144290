/* SPDX-License-Identifier: MIT */
/*
 * Ending tasks that do not run: because others failed, or because the set is stopped.
 *
 * A stop ends every task that is neither running nor a clean-up, so that clean-ups behind it may
 * start.  The outcome of such a task is decided later: a task that still runs may yet fail, and
 * then the tasks behind it are blocked, not cancelled.  If a clean-up starts first, it may read the
 * outcome, so the outcome is decided then, by the failures so far.
 */
#include "ready/ready-set-private.h"

static void
report_never_ran(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    if (set->listener.never_ran)
        set->listener.never_ran(id, outcome, set->listener.data);
}

bool
dag__ready_is_good_end(const ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    return outcome == DAG_SUCCEEDED ||
           ((outcome == DAG_FAILED || outcome == DAG_TIMED_OUT) &&
            dag_graph_task_policy(set->graph, id)->allow_failure);
}

void
dag__ready_block_successors(ReadySet *set, DagTaskId failed)
{
    dag__numbers_add(&set->stack, failed);
    while (set->stack.n > 0) {
        DagTaskId id = set->stack.items[--set->stack.n];
        DagIds succs = dag_graph_successors(set->graph, id);

        for (size_t s = 0; s < succs.n; s++) {
            if (task_table_state(&set->tasks, succs.ids[s]) == TASK_ENDED ||
                is_always(set, succs.ids[s]))
                continue;
            task_table_move_one(&set->tasks, succs.ids[s], TASK_ENDED, DAG_BLOCKED);
            count_off(set, succs.ids[s]);
            report_never_ran(set, succs.ids[s], DAG_BLOCKED);
            dag__numbers_add(&set->stack, succs.ids[s]);
        }
        dag__ready_release_always(set, id);
    }
}

/* Return true if a predecessor has failed or is blocked; those without an outcome yet do not count.  The
 * task is no clean-up. */
static bool
is_behind_failure(const ReadySet *set, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(set->graph, id);

    for (size_t p = 0; p < preds.n; p++) {
        DagOutcome outcome = task_table_outcome(&set->tasks, preds.ids[p]);

        if (outcome != DAG_PENDING && outcome != DAG_CANCELLED &&
            !dag__ready_is_good_end(set, preds.ids[p], outcome))
            return true;
    }
    return false;
}

void
dag__ready_decide(ReadySet *set, DagTaskId id)
{
    DagOutcome tried = dag__pauses_outcome(set->pauses, id);
    DagOutcome outcome = tried == DAG_PENDING ? DAG_CANCELLED : tried;

    if (task_table_outcome(&set->tasks, id) != DAG_PENDING)
        return;
    if (!is_always(set, id) && is_behind_failure(set, id))
        outcome = DAG_BLOCKED;
    task_table_move_one(&set->tasks, id, TASK_ENDED, outcome);
    report_never_ran(set, id, outcome);
}

/* Return true if a task has ended and its outcome is not decided yet. */
static bool
is_undecided(const ReadySet *set, DagTaskId id)
{
    return task_table_state(&set->tasks, id) == TASK_ENDED &&
           task_table_outcome(&set->tasks, id) == DAG_PENDING;
}

/* Push the predecessors of `id` without a decided outcome. */
static void
push_undecided(ReadySet *set, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(set->graph, id);

    for (size_t p = 0; p < preds.n; p++)
        if (is_undecided(set, preds.ids[p]))
            dag__numbers_add(&set->stack, preds.ids[p]);
}

/* Depth first: a task stays on the stack until all before it are decided. */
void
dag__ready_decide_before(ReadySet *set, DagTaskId id)
{
    if (!set->stopped || !is_always(set, id))
        return; /* all that an ordinary task waits for has ended well */
    push_undecided(set, id);
    while (set->stack.n > 0) {
        uint32_t n = set->stack.n;
        DagTaskId last = set->stack.items[n - 1];

        push_undecided(set, last);
        if (set->stack.n > n)
            continue;
        set->stack.n--;
        dag__ready_decide(set, last);
    }
}

/* The may_stay() of dag__pauses_drop(). */
static bool
may_try_again(DagTaskId id, const void *set)
{
    return may_start(set, id);
}

/* Empty the queue, except for tasks that may still start. */
static void
empty_queue(ReadySet *set)
{
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(DagTaskId));

    for (uint32_t i = 0; i < set->classes.n; i++)
        while (dag__ready_queue_length(set->queue, i) > 0) {
            DagTaskId id = dag__ready_queue_take(set->queue, i);

            if (may_start(set, id))
                g_array_append_val(kept, id);
        }
    /* Backwards, each to the front: so the order stays, whatever the strategy. */
    for (guint i = kept->len; i-- > 0;)
        dag__ready_queue_put_back(set->queue, g_array_index(kept, DagTaskId, i));
    dag__capacities_reconsider(set->capacities);
}

/* End all tasks that will not run, without an outcome. */
static void
give_up_tasks(ReadySet *set)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(set->graph); id++) {
        TaskState state = task_table_state(&set->tasks, id);

        if (state == TASK_ENDED || state == TASK_RUNNING || may_start(set, id))
            continue;
        task_table_move_one(&set->tasks, id, TASK_ENDED, DAG_PENDING);
        count_off(set, id);
        dag__ready_release_always(set, id);
    }
}

/* End all tasks that may not start any more, except those that run. */
static void
drop_tasks(ReadySet *set)
{
    dag__pauses_drop(set->pauses, may_try_again, set);
    empty_queue(set);
    give_up_tasks(set);
}

void
dag__ready_stop_tasks(ReadySet *set)
{
    if (set->stopped)
        return;
    dag__ready_enqueue_freed(set);
    set->stopped = true;
    drop_tasks(set);
}

void
dag__ready_stop(ReadySet *set)
{
    dag__ready_stop_tasks(set);
    dag__ready_advance(set);
}

void
dag__ready_halt(ReadySet *set)
{
    if (set->halted)
        return;
    dag__ready_stop_tasks(set);
    set->halted = true;
    drop_tasks(set);
    dag__ready_advance(set);
}
