/* SPDX-License-Identifier: MIT */
/*
 * A count of unsettled predecessors per task, and a count of unsettled tasks per phase.
 *
 * Invariants.  A task is in the queue only if all its predecessors succeeded and, with a
 * barrier, its phase has begun.  A phase begins when every task of all earlier phases is
 * settled; since each predecessor lies in an earlier phase, all counts of its tasks are 0 then.
 * A task behind a failure is settled, as blocked, when the failure is; it may lie in a phase
 * that has not begun yet, and is counted off there.
 */
#include "run/ready-set.h"

#include "run/ready-queue.h"

struct ReadySet {
    const DagPlan *plan;
    const DagGraph *graph;
    ReadySetListener listener;
    bool has_barrier;
    bool keep_going;
    bool stopped;
    ReadyQueue *queue;
    uint32_t *waiting; /* [n_tasks]: predecessors that have not succeeded yet */
    uint8_t *outcomes; /* [n_tasks]: DagOutcome */
    uint32_t *left;    /* [n_phases]: unsettled tasks; with a barrier only */
    uint32_t phase;    /* the one that runs; with a barrier only */
    bool phase_begun;  /* told to the listener */
    size_t n_running;  /* taken and not settled */
    GArray *to_block;  /* of DagTaskId: scratch */
};

ReadySet *
dag__ready_set_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                   bool keep_going, const ReadySetListener *listener)
{
    ReadySet *set = g_new0(ReadySet, 1);
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph);

    set->plan = plan;
    set->graph = graph;
    set->listener = listener ? *listener : (ReadySetListener){0};
    set->has_barrier = strategy->release == DAG_RELEASE_PHASE;
    set->keep_going = keep_going;
    set->queue = dag__ready_queue_new(plan, strategy, seed);
    set->waiting = g_new(uint32_t, n);
    set->outcomes = g_new0(uint8_t, n);
    set->to_block = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    for (DagTaskId id = 0; id < n; id++)
        set->waiting[id] = (uint32_t)dag_graph_predecessors(graph, id).n;
    if (set->has_barrier) {
        size_t n_phases = dag_plan_n_phases(plan);

        set->left = g_new(uint32_t, n_phases);
        for (uint32_t phase = 0; phase < n_phases; phase++)
            set->left[phase] = (uint32_t)dag_plan_phase_tasks(plan, phase).n;
    }
    return set;
}

void
dag__ready_set_free(ReadySet *set)
{
    if (!set)
        return;
    dag__ready_queue_free(set->queue);
    g_free(set->waiting);
    g_free(set->outcomes);
    g_free(set->left);
    g_array_unref(set->to_block);
    g_free(set);
}

static void
tell_phase(ReadySet *set, DagEventType type)
{
    if (set->listener.phase)
        set->listener.phase(type, set->phase, set->listener.data);
}

/* Puts in what of the phase can run.  A phase that is blocked as a whole does not begin. */
static void
begin_phase(ReadySet *set)
{
    DagIds tasks = dag_plan_phase_tasks(set->plan, set->phase);

    set->phase_begun = true;
    tell_phase(set, DAG_EVENT_PHASE_STARTED);
    for (size_t i = 0; i < tasks.n; i++)
        if (set->outcomes[tasks.ids[i]] == DAG_PENDING)
            dag__ready_queue_put(set->queue, tasks.ids[i]);
}

/* Goes on to the next phase in which something is left, if the barrier has been reached. */
static void
advance(ReadySet *set)
{
    size_t n_phases = dag_plan_n_phases(set->plan);

    while (set->phase < n_phases && set->left[set->phase] == 0) {
        if (set->phase_begun)
            tell_phase(set, DAG_EVENT_PHASE_FINISHED);
        set->phase_begun = false;
        set->phase++;
    }
    if (set->phase < n_phases && !set->phase_begun && !set->stopped)
        begin_phase(set);
}

void
dag__ready_set_begin(ReadySet *set)
{
    DagIds declared = dag_graph_declared(set->graph);

    if (set->has_barrier) {
        advance(set);
        return;
    }
    for (size_t i = 0; i < declared.n; i++)
        if (set->waiting[declared.ids[i]] == 0)
            dag__ready_queue_put(set->queue, declared.ids[i]);
}

size_t
dag__ready_set_length(const ReadySet *set)
{
    return set->stopped ? 0 : dag__ready_queue_length(set->queue);
}

DagTaskId
dag__ready_set_peek(const ReadySet *set)
{
    return dag__ready_queue_peek(set->queue);
}

DagTaskId
dag__ready_set_take(ReadySet *set)
{
    set->n_running++;
    return dag__ready_queue_take(set->queue);
}

static void
count_off(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    set->outcomes[id] = (uint8_t)outcome;
    if (set->has_barrier)
        set->left[dag_plan_phase(set->plan, id)]--;
}

/* Settles all that depends on `failed`, however indirectly. */
static void
block_successors(ReadySet *set, DagTaskId failed)
{
    g_array_append_val(set->to_block, failed);
    while (set->to_block->len > 0) {
        guint last = set->to_block->len - 1;
        DagIds succs =
            dag_graph_successors(set->graph, g_array_index(set->to_block, DagTaskId, last));

        g_array_set_size(set->to_block, last);
        for (size_t s = 0; s < succs.n; s++) {
            if (set->outcomes[succs.ids[s]] != DAG_PENDING)
                continue;
            count_off(set, succs.ids[s], DAG_BLOCKED);
            if (set->listener.blocked)
                set->listener.blocked(succs.ids[s], set->listener.data);
            g_array_append_val(set->to_block, succs.ids[s]);
        }
    }
}

void
dag__ready_set_settle(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    set->n_running--;
    count_off(set, id, outcome);
    if (outcome == DAG_CANCELLED || (outcome != DAG_SUCCEEDED && !set->keep_going)) {
        set->stopped = true;
    } else if (outcome != DAG_SUCCEEDED) {
        block_successors(set, id);
    } else if (!set->has_barrier) {
        DagIds succs = dag_graph_successors(set->graph, id);

        for (size_t s = 0; s < succs.n; s++)
            if (--set->waiting[succs.ids[s]] == 0 &&
                set->outcomes[succs.ids[s]] == DAG_PENDING)
                dag__ready_queue_put(set->queue, succs.ids[s]);
    }
    if (set->has_barrier)
        advance(set);
}

void
dag__ready_set_give_back(ReadySet *set, DagTaskId id)
{
    set->n_running--;
    dag__ready_queue_put_back(set->queue, id);
}

void
dag__ready_set_stop(ReadySet *set)
{
    set->stopped = true;
}

bool
dag__ready_set_is_done(const ReadySet *set)
{
    return set->n_running == 0 && dag__ready_set_length(set) == 0;
}

/* One pass up: a predecessor is always decided before. */
void
dag__ready_set_abandon(ReadySet *set)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(set->graph); id++) {
        DagIds preds = dag_graph_predecessors(set->graph, id);
        DagOutcome outcome = DAG_CANCELLED;

        if (set->outcomes[id] != DAG_PENDING)
            continue;
        for (size_t p = 0; p < preds.n; p++) {
            DagOutcome of_pred = (DagOutcome)set->outcomes[preds.ids[p]];

            if (of_pred != DAG_SUCCEEDED && of_pred != DAG_CANCELLED)
                outcome = DAG_BLOCKED;
        }
        set->outcomes[id] = (uint8_t)outcome;
        if (set->listener.blocked)
            set->listener.blocked(id, set->listener.data);
    }
    if (set->phase_begun)
        tell_phase(set, DAG_EVENT_PHASE_FINISHED);
    set->phase_begun = false;
}

DagOutcome
dag__ready_set_outcome(const ReadySet *set, DagTaskId id)
{
    return (DagOutcome)set->outcomes[id];
}
