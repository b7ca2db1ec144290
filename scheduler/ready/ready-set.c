/* SPDX-License-Identifier: MIT */
/*
 * Taking and ending tasks.
 *
 * Invariants.  A task is in the queue if and only if it is ready: all that it waits for has ended
 * well and, with a barrier, its phase has begun.  A phase begins when every task of all earlier
 * phases has ended; each predecessor lies in an earlier phase.  So with a barrier no counts of
 * predecessors are needed, and none are kept.
 */
#include "ready/ready-set-private.h"

/* Return the keys of the strategy, [n_tasks], or NULL if its order needs none.  Fills the
 * schedule of a strategy that searches. */
static double *
keys_of(ReadySet *set, const ReadyOptions *options)
{
    const DagStrategy *strategy = options->strategy;
    size_t n = dag_graph_n_tasks(set->graph);
    double *keys;

    if (strategy->order != DAG_ORDER_KEY)
        return NULL;
    keys = g_new(double, n + 1);
    if (!strategy->solve) {
        strategy->keys(set->plan, options->seed, keys);
        return keys;
    }
    g_assert(strategy->release == DAG_RELEASE_READY);
    set->schedule.order = g_new0(DagTaskId, n + 1);
    strategy->solve(set->plan, &options->machine, &options->search, &set->schedule);
    g_assert(dag_schedule_is_valid(&set->schedule, set->graph));
    for (size_t i = 0; i < n; i++)
        keys[set->schedule.order[i]] = -(double)i;
    return keys;
}

/* Count the tasks of each phase. */
static uint32_t *
phase_sizes(const DagPlan *plan)
{
    size_t n_phases = dag_plan_n_phases(plan);
    uint32_t *sizes = g_new(uint32_t, n_phases + 1);

    for (uint32_t phase = 0; phase < n_phases; phase++)
        sizes[phase] = (uint32_t)dag_plan_phase_tasks(plan, phase).n;
    return sizes;
}

ReadySet *
dag__ready_set_new(const DagPlan *plan, const ReadyOptions *options)
{
    ReadySet *set = g_new0(ReadySet, 1);
    const DagGraph *graph = dag_plan_graph(plan);
    double *keys;

    set->plan = plan;
    set->graph = graph;
    set->listener = options->listener;
    set->has_barrier = options->strategy->release == DAG_RELEASE_PHASE;
    set->keep_going = options->keep_going;
    set->has_always = dag_graph_has_always(graph);
    set->classes = dag__task_classes_of(graph);
    keys = keys_of(set, options);
    set->holds =
        dag__holds_of(set->schedule.holds, set->schedule.n_holds, dag_graph_n_tasks(graph));
    set->tasks = task_table_of(graph, set->holds.n_of);
    set->queue = dag__ready_queue_new(graph, &set->classes, options->strategy->order, keys);
    set->capacities = dag__capacities_new(graph, &set->classes, options->machine.n_workers,
                                          options->machine.n_connections);
    set->pauses = dag__pauses_new();
    if (set->has_barrier)
        set->n_left = phase_sizes(plan);
    g_free(keys);
    return set;
}

void
dag__ready_set_free(ReadySet *set)
{
    if (!set)
        return;
    dag__ready_queue_free(set->queue);
    dag__capacities_free(set->capacities);
    dag__pauses_free(set->pauses);
    dag__task_classes_clear(&set->classes);
    dag__holds_clear(&set->holds);
    dag_schedule_clear(&set->schedule);
    task_table_clear(&set->tasks);
    g_free(set->n_left);
    g_free(set->freed.items);
    g_free(set->stack.items);
    g_free(set->failed_before.items);
    g_free(set);
}

void
dag__ready_set_n_workers(ReadySet *set, unsigned n_workers)
{
    dag__capacities_set_units(set->capacities, DAG_OCCUPIES_WORKER, n_workers);
}

void
dag__ready_has_ended(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    task_table_move_one(&set->tasks, id, TASK_ENDED, outcome);
    count_off(set, id);
    if (dag__ready_is_good_end(set, id, outcome))
        dag__ready_release(set, &id, 1);
    else
        dag__numbers_add(&set->failed_before, id);
}

bool
dag__ready_has_started(ReadySet *set, DagTaskId id)
{
    if (!dag__capacities_have(set->capacities, task_class_of(&set->classes, id)))
        return false;
    dag__capacities_take(set->capacities, task_class_of(&set->classes, id));
    dag__capacities_begin_tokens(set->capacities, task_class_of(&set->classes, id), id);
    task_table_move_one(&set->tasks, id, TASK_RUNNING, DAG_PENDING);
    return true;
}

/* Handle the ends that dag__ready_has_ended() was told of, other than good ones, as conclude() does. */
static void
conclude_before(ReadySet *set)
{
    bool stops = false;

    for (uint32_t i = 0; i < set->failed_before.n; i++) {
        DagTaskId id = set->failed_before.items[i];

        if (set->keep_going && task_table_outcome(&set->tasks, id) != DAG_CANCELLED) {
            dag__ready_block_successors(set, id);
        } else {
            dag__ready_release_always(set, id);
            stops = true;
        }
    }
    set->freed.n = 0; /* dag__ready_begin() looks at all tasks */
    if (stops)
        dag__ready_stop_tasks(set);
}

void
dag__ready_begin(ReadySet *set)
{
    DagIds declared = dag_graph_declared(set->graph);

    conclude_before(set);
    if (set->has_barrier) {
        dag__ready_advance(set);
        return;
    }
    set->freed.n = 0; /* by tasks that had ended before, or a stop */
    for (size_t i = 0; i < declared.n; i++)
        if (countdown_is_over(&set->tasks, declared.ids[i]) &&
            task_table_state(&set->tasks, declared.ids[i]) == TASK_WAITING)
            dag__ready_enqueue(set, declared.ids[i]);
}

void
dag__ready_wake(ReadySet *set, int64_t now_ns)
{
    dag__ready_enqueue_freed(set);
    dag__capacities_pass_time(set->capacities, now_ns);
    while (dag__pauses_next_ns(set->pauses) <= now_ns)
        dag__ready_enqueue_due(set, dag__pauses_take(set->pauses));
}

/* Return the class of the task to start next on a unit of this kind, or NO_CLASS. */
static uint32_t
next_class(ReadySet *set, DagOccupies unit)
{
    if (set->tasks.n_in[TASK_READY] == 0)
        return NO_CLASS;
    return dag__capacities_choose(set->capacities, set->queue, unit);
}

DagTaskId
dag__ready_next(ReadySet *set, DagOccupies unit, int64_t now_ns)
{
    uint32_t class_id;
    DagTaskId id;

    dag__ready_wake(set, now_ns);
    class_id = next_class(set, unit);
    if (class_id == NO_CLASS)
        return DAG_TASK_NONE;
    id = dag__ready_queue_take(set->queue, class_id);
    dag__capacities_take(set->capacities, class_id);
    dag__capacities_begin_tokens(set->capacities, class_id, id);
    task_table_move_one(&set->tasks, id, TASK_RUNNING, DAG_PENDING);
    dag__ready_decide_before(set, id);
    return id;
}

bool
dag__ready_has_next(ReadySet *set, DagOccupies unit)
{
    dag__ready_enqueue_freed(set);
    return next_class(set, unit) != NO_CLASS;
}

/* Handle the consequences of an end other than success. */
static void
conclude(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    if (dag__ready_is_good_end(set, id, outcome)) {
        dag__ready_release(set, &id, 1);
    } else if (set->keep_going && outcome != DAG_CANCELLED && !set->stopped) {
        dag__ready_block_successors(set, id);
    } else {
        dag__ready_release_always(set, id);
        dag__ready_stop_tasks(set);
    }
}

/* End a task whose capacities were given back. */
static void
end_task(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    task_table_move_one(&set->tasks, id, TASK_ENDED, outcome);
    count_off(set, id);
    conclude(set, id, outcome);
    dag__ready_advance(set);
}

void
dag__ready_end(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    dag__capacities_release(set->capacities, task_class_of(&set->classes, id));
    end_task(set, id, outcome);
}

void
dag__ready_settle(ReadySet *set, DagTaskId id)
{
    dag__ready_correct_tokens(set, id, 0);
    dag__capacities_refund(set->capacities, task_class_of(&set->classes, id));
    end_task(set, id, DAG_SUCCEEDED);
}

bool
dag__ready_pause(ReadySet *set, DagTaskId id, DagOutcome outcome, int64_t due_ns)
{
    if (!may_start(set, id))
        return false;
    dag__capacities_release(set->capacities, task_class_of(&set->classes, id));
    task_table_move_one(&set->tasks, id, TASK_PAUSED, DAG_PENDING);
    dag__pauses_add(set->pauses, id, outcome, due_ns);
    return true;
}

void
dag__ready_return(ReadySet *set, DagTaskId id)
{
    if (may_start(set, id)) {
        task_table_move_one(&set->tasks, id, TASK_READY, DAG_PENDING);
        dag__ready_queue_put_back(set->queue, id);
        return;
    }
    task_table_move_one(&set->tasks, id, TASK_ENDED, DAG_PENDING);
    count_off(set, id);
    dag__ready_release_always(set, id);
}

bool
dag__ready_withdraw(ReadySet *set, DagTaskId id, uint32_t pool, int64_t now_ns,
                    int64_t until_ns)
{
    if (!may_start(set, id))
        return false;
    if (pool == READY_NO_POOL)
        return dag__ready_pause(set, id, DAG_PENDING, until_ns);
    dag__capacities_release(set->capacities, task_class_of(&set->classes, id));
    dag__capacities_close(set->capacities, pool, now_ns, until_ns);
    dag__ready_return(set, id);
    return true;
}

void
dag__ready_lower(ReadySet *set, uint32_t pool, const PoolRest *rest, int64_t ns)
{
    dag__capacities_lower(set->capacities, pool, rest, ns);
}

int64_t
dag__ready_reserve_tokens(ReadySet *set, DagTaskId id, uint64_t amount, bool is_further,
                          int64_t now_ns)
{
    uint32_t class_id = task_class_of(&set->classes, id);
    uint32_t tokens = (uint32_t)MIN(amount, UINT32_MAX);

    return is_further
               ? dag__capacities_add_tokens(set->capacities, class_id, id, tokens, now_ns)
               : dag__capacities_reserve_tokens(set->capacities, class_id, id, tokens,
                                                now_ns);
}

void
dag__ready_correct_tokens(ReadySet *set, DagTaskId id, uint64_t used)
{
    dag__capacities_correct_tokens(set->capacities, task_class_of(&set->classes, id), id,
                                   (uint32_t)MIN(used, UINT32_MAX));
}

int64_t
dag__ready_next_ns(ReadySet *set)
{
    int64_t due_ns = dag__pauses_next_ns(set->pauses);
    int64_t grows_ns;

    if (set->tasks.n_in[TASK_READY] == 0)
        return due_ns;
    grows_ns = dag__capacities_next_ns(set->capacities, set->queue);
    return MIN(due_ns, grows_ns);
}

bool
dag__ready_is_stopped(const ReadySet *set)
{
    return set->stopped;
}

bool
dag__ready_is_done(ReadySet *set)
{
    dag__ready_enqueue_freed(set);
    return set->tasks.n_in[TASK_RUNNING] == 0 && set->tasks.n_in[TASK_READY] == 0 &&
           set->tasks.n_in[TASK_PAUSED] == 0;
}

/* One pass: predecessors have smaller numbers, so they are decided first. */
void
dag__ready_finish(ReadySet *set)
{
    for (DagTaskId id = 0; set->tasks.n_undecided > 0; id++)
        dag__ready_decide(set, id);
    dag__ready_end_phase(set);
}

const DagSchedule *
dag__ready_schedule(const ReadySet *set)
{
    return set->schedule.order ? &set->schedule : NULL;
}
