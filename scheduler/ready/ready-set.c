/* SPDX-License-Identifier: MIT */
/*
 * A count of unsettled predecessors per task, or a count of unsettled tasks per phase.
 *
 * Invariants.  A task is in the queue only if nothing it needs stands in its way any more and,
 * with a barrier, its phase has begun.  A phase begins when every task of all earlier phases is
 * settled; since each predecessor lies in an earlier phase, all counts of its tasks are 0 then.
 * A task behind a failure is settled, as blocked, when the failure is; it may lie in a phase
 * that has not begun yet, and is counted off there.
 *
 * Clean-ups (DagPolicy.always) wait for the same predecessors, but only for their end.  When the
 * set is stopped, what will not run any more is given up, so that it ends in their eyes too;
 * what became of it is decided at the very end, since a task that still runs may yet fail.
 */
#include "ready/ready-set.h"

#include "ready/countdown.h"
#include "ready/delays.h"
#include "ready/pools.h"
#include "ready/ready-queue.h"
#include "run/monitor.h"
#include "run/tiny/foresight.h"

#include "model/graph.h"
#include "model/numbers.h"

#include <stdalign.h>

struct ReadySet {
    /* Read-only once it began, so that dag__ready_set_read_ahead() may read it without a lock. */
    const DagPlan *plan;
    const DagGraph *graph;
    ReadySetListener listener;
    bool has_barrier;
    bool keep_going;
    bool has_always;
    bool can_foresee; /* a success brings about nothing but what it releases */
    ReadyQueue *queue;
    Pools *pools; /* NULL: tasks share nothing */
    Countdown
        waiting; /* for predecessors that have not succeeded yet; a clean-up: that have
                          not ended yet.  Unused with a barrier */
    uint8_t *outcomes; /* [n_tasks]: DagOutcome */
    uint8_t *running;  /* [n_tasks]: taken and not settled; with clean-ups only */
    uint32_t *left;    /* [n_phases]: unsettled tasks; with a barrier only */

    /* Not read without the lock, and therefore not in the same cache lines. */
    alignas(2 * CACHE_LINE) size_t n_pending; /* of outcomes that are DAG_PENDING */
    size_t n_queued;
    size_t n_running; /* taken and not settled */
    DagNumbers freed; /* ids: what nothing stands in the way of any more, and is to go into
                         the queue before anybody looks there */
    bool stopped;     /* nothing starts any more but clean-ups */
    bool halted;      /* nothing starts any more */
    bool knows_next;  /* with pools only, as the next */
    uint32_t next;    /* class of the task to start next, or NO_CLASS */
    uint32_t phase;   /* the one that runs; with a barrier only */
    bool phase_begun; /* told to the listener */
    DagNumbers to_block; /* ids: scratch */
    Delays *delays;      /* tasks that are to be tried again */
};

static void stop(ReadySet *set);

ReadySet *
dag__ready_set_new(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                   bool keep_going, const ReadySetListener *listener)
{
    ReadySet *set = g_aligned_alloc0(1, sizeof(ReadySet), alignof(ReadySet));
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph);

    set->plan = plan;
    set->graph = graph;
    set->listener = listener ? *listener : (ReadySetListener){0};
    set->has_barrier = strategy->release == DAG_RELEASE_PHASE;
    set->keep_going = keep_going;
    set->has_always = dag_graph_has_always(graph);
    set->queue = dag__ready_queue_new(plan, strategy, seed);
    set->pools = dag__graph_n_use_classes(graph) > 1 ? dag__pools_new(graph) : NULL;
    set->can_foresee = !set->has_barrier && !set->has_always && !set->pools;
    set->outcomes = g_new0(uint8_t, n);
    set->n_pending = n;
    set->running = set->has_always ? g_new0(uint8_t, n) : NULL;
    set->delays = dag__delays_new();
    if (!set->has_barrier) {
        set->waiting = countdown_of(graph);
    } else {
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
    dag__pools_free(set->pools);
    countdown_clear(&set->waiting);
    g_free(set->outcomes);
    g_free(set->running);
    g_free(set->left);
    g_free(set->freed.items);
    g_free(set->to_block.items);
    dag__delays_free(set->delays);
    g_aligned_free(set);
}

static bool
is_always(const ReadySet *set, DagTaskId id)
{
    return set->has_always && dag_graph_task_policy(set->graph, id)->always;
}

/* Returns: whether the task may start, as far as stopping is concerned. */
static bool
may_start(const ReadySet *set, DagTaskId id)
{
    return !set->stopped || (!set->halted && is_always(set, id));
}

static void
enqueue(ReadySet *set, DagTaskId id)
{
    if (!may_start(set, id))
        return;
    dag__ready_queue_put_all(set->queue, &id, 1);
    set->n_queued++;
    set->knows_next = false;
}

static void
enqueue_freed(ReadySet *set)
{
    if (set->freed.n == 0)
        return;
    if (set->stopped) {
        for (size_t i = 0; i < set->freed.n; i++)
            enqueue(set, set->freed.items[i]);
    } else {
        dag__ready_queue_put_all(set->queue, set->freed.items, set->freed.n);
        set->n_queued += set->freed.n;
        set->knows_next = false;
    }
    set->freed.n = 0;
}

static void
tell_phase(ReadySet *set, DagEventType type)
{
    if (set->listener.phase)
        set->listener.phase(type, set->phase, set->listener.data);
}

static void
tell_settled(ReadySet *set, DagTaskId id)
{
    if (set->listener.settled)
        set->listener.settled(id, set->listener.data);
}

static void
set_outcome(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    set->outcomes[id] = (uint8_t)outcome;
    set->n_pending--;
}

/* Returns: whether an end like this lets the successors go on. */
static bool
is_good(const ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    return outcome == DAG_SUCCEEDED ||
           ((outcome == DAG_FAILED || outcome == DAG_TIMED_OUT) &&
            dag_graph_task_policy(set->graph, id)->allow_failure);
}

/* Says what became of a task that will not run, or not again; what it needs has been
 * decided. */
static void
decide(ReadySet *set, DagTaskId id)
{
    if (set->outcomes[id] != DAG_PENDING)
        return;

    DagIds preds = dag_graph_predecessors(set->graph, id);
    DagOutcome tried = dag__delays_outcome(set->delays, id);
    DagOutcome outcome = tried == DAG_PENDING ? DAG_CANCELLED : tried;

    for (size_t p = 0; p < preds.n && !is_always(set, id); p++) {
        DagOutcome of_pred = (DagOutcome)set->outcomes[preds.ids[p]];

        if (of_pred != DAG_CANCELLED && !is_good(set, preds.ids[p], of_pred))
            outcome = DAG_BLOCKED;
    }
    set_outcome(set, id, outcome);
    tell_settled(set, id);
}

/* What of the phase was given up is decided when all else of it, and all before, has ended. */
static void
decide_phase(ReadySet *set)
{
    DagIds tasks = dag_plan_phase_tasks(set->plan, set->phase);

    for (size_t i = 0; i < tasks.n && set->stopped; i++)
        decide(set, tasks.ids[i]);
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
            enqueue(set, tasks.ids[i]);
}

/* Goes on to the next phase in which something is left, if the barrier has been reached. */
static void
advance(ReadySet *set)
{
    if (!set->has_barrier)
        return;

    size_t n_phases = dag_plan_n_phases(set->plan);
    bool may_begin = !set->stopped || (set->has_always && !set->halted);

    while (set->phase < n_phases && set->left[set->phase] == 0) {
        decide_phase(set);
        if (set->phase_begun)
            tell_phase(set, DAG_EVENT_PHASE_FINISHED);
        set->phase_begun = false;
        set->phase++;
    }
    if (set->phase < n_phases && !set->phase_begun && may_begin)
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
        if (countdown_is_over(&set->waiting, declared.ids[i]))
            enqueue(set, declared.ids[i]);
}

/* Returns: the class of the task to start next, or NO_CLASS. */
static uint32_t
next_class(ReadySet *set)
{
    if (!set->pools)
        return 0;
    if (!set->knows_next)
        set->next = dag__pools_choose(set->pools, set->queue);
    set->knows_next = true;
    return set->next;
}

size_t
dag__ready_set_length(ReadySet *set)
{
    enqueue_freed(set);
    if (set->n_queued == 0 || set->halted || (set->stopped && !set->has_always) ||
        next_class(set) == NO_CLASS)
        return 0;
    return set->n_queued;
}

DagTaskId
dag__ready_set_take(ReadySet *set)
{
    DagTaskId id = dag__ready_queue_take(set->queue, next_class(set));

    set->n_queued--;
    set->n_running++;
    if (set->pools) {
        dag__pools_take(set->pools, id);
        set->knows_next = false;
    }
    if (set->running)
        set->running[id] = true;
    return id;
}

/* These do not run any more. */
static void
leave(ReadySet *set, const DagTaskId *ids, unsigned n)
{
    set->n_running -= n;
    for (unsigned i = 0; set->pools && i < n; i++)
        dag__pools_give_back(set->pools, ids[i]);
    set->knows_next = set->knows_next && !set->pools;
    for (unsigned i = 0; set->running && i < n; i++)
        set->running[ids[i]] = false;
}

static void
count_off(ReadySet *set, DagTaskId id)
{
    if (set->has_barrier)
        set->left[dag_plan_phase(set->plan, id)]--;
}

/* These have ended in a way that lets all their successors go on. */
static void
release(ReadySet *set, const DagTaskId *ids, unsigned n)
{
    if (!set->has_barrier)
        countdown_release(&set->waiting, set->graph, ids, n, &set->freed);
}

/* The task has ended somehow, which lets those of its successors go on that are clean-ups. */
static void
release_always(ReadySet *set, DagTaskId id)
{
    DagIds succs = dag__successors(set->graph, id);

    if (set->has_barrier || !set->has_always)
        return;
    for (size_t s = 0; s < succs.n; s++)
        if (is_always(set, succs.ids[s]) && countdown_tick(&set->waiting, succs.ids[s]))
            dag__numbers_add(&set->freed, succs.ids[s]);
}

/* Settles all that depends on `failed`, however indirectly, but for clean-ups and what depends
 * on those. */
static void
block_successors(ReadySet *set, DagTaskId failed)
{
    dag__numbers_add(&set->to_block, failed);
    while (set->to_block.n > 0) {
        DagTaskId id = set->to_block.items[--set->to_block.n];
        DagIds succs = dag_graph_successors(set->graph, id);

        for (size_t s = 0; s < succs.n; s++) {
            if (set->outcomes[succs.ids[s]] != DAG_PENDING || is_always(set, succs.ids[s]))
                continue;
            set_outcome(set, succs.ids[s], DAG_BLOCKED);
            count_off(set, succs.ids[s]);
            tell_settled(set, succs.ids[s]);
            dag__numbers_add(&set->to_block, succs.ids[s]);
        }
        release_always(set, id);
    }
}

/* Decides what follows from the end of a task that did not succeed. */
static void
conclude(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    set_outcome(set, id, outcome);
    count_off(set, id);
    if (is_good(set, id, outcome)) {
        release(set, &id, 1);
    } else if (set->keep_going && outcome != DAG_CANCELLED && !set->stopped) {
        block_successors(set, id);
    } else {
        release_always(set, id);
        stop(set);
    }
}

void
dag__ready_set_settle(ReadySet *set, DagTaskId id, DagOutcome outcome)
{
    if (outcome == DAG_SUCCEEDED) {
        dag__ready_set_succeed(set, &id, 1);
        return;
    }
    leave(set, &id, 1);
    conclude(set, id, outcome);
    advance(set);
}

void
dag__ready_set_succeed(ReadySet *set, const DagTaskId *ids, unsigned n)
{
    leave(set, ids, n);
    for (unsigned i = 0; i < n; i++)
        set->outcomes[ids[i]] = DAG_SUCCEEDED;
    set->n_pending -= n;
    if (set->has_barrier)
        set->left[set->phase] -= n; /* nothing of another phase runs */
    release(set, ids, n);
    advance(set);
}

/* Returns: whether these lie so far apart that hardly two of them share a cache line, at a byte
 * for each; guessed from the first and the last.  One alone does not: it is not worth it. */
static bool
is_sparse(const DagTaskId *ids, unsigned n)
{
    DagTaskId first = ids[0], last = ids[n - 1];

    return (first > last ? first - last : last - first) / CACHE_LINE >= n;
}

/* Where the tasks of a batch lie close together, those of the other workers lie among them: what
 * all of them change is left to whoever holds the lock, who would have to fetch it back. */
void
dag__ready_set_read_ahead(const ReadySet *set, const DagTaskId *ids, unsigned n)
{
    if (!set->has_barrier)
        countdown_read_rows(set->graph, ids, n);
    if (!is_sparse(ids, n))
        return;
    if (!set->has_barrier)
        countdown_read_ahead(&set->waiting, set->graph, ids, n);
    for (unsigned i = 0; i < n; i++)
        dag__prefetch_write(&set->outcomes[ids[i]]);
}

void
dag__ready_set_take_batch(ReadySet *set, ReadyBatch *batch, unsigned share, unsigned size)
{
    batch->n = 0;
    if (set->pools || set->running) {
        do
            batch->ids[batch->n++] = dag__ready_set_take(set);
        while (batch->n < share && dag__ready_set_length(set) > 0);
    } else {
        batch->n = (unsigned)MIN(share, set->n_queued);
        dag__ready_queue_take_some(set->queue, batch->ids, batch->n);
        set->n_queued -= batch->n;
        set->n_running += batch->n;
    }
    batch->n_taken = batch->n;
    if (set->can_foresee && batch->n == 1 && set->n_queued == 0)
        dag__foresee(&set->waiting, set->graph, batch, size);
    set->n_running += batch->n - batch->n_taken;
}

bool
dag__ready_set_retry(ReadySet *set, DagTaskId id, DagOutcome outcome, int64_t due_ns)
{
    if (!may_start(set, id))
        return false;
    leave(set, &id, 1);
    dag__delays_add(set->delays, id, outcome, due_ns);
    return true;
}

int64_t
dag__ready_set_next_due(const ReadySet *set)
{
    return dag__delays_next(set->delays);
}

void
dag__ready_set_wake(ReadySet *set, int64_t now_ns)
{
    enqueue_freed(set); /* which came first */
    while (dag__delays_next(set->delays) <= now_ns)
        enqueue(set, dag__delays_take(set->delays));
}

/* One of dag__delays_drop()'s. */
static bool
may_try_again(DagTaskId id, const void *set)
{
    return may_start(set, id);
}

/* What waits for another attempt will not get it. */
static void
drop_delays(ReadySet *set)
{
    dag__delays_drop(set->delays, may_try_again, set);
}

/* A task that will not run has ended, in the eyes of clean-ups. */
static void
give_up(ReadySet *set, DagTaskId id)
{
    count_off(set, id);
    release_always(set, id);
}

/* Leaves nothing in the queue but clean-ups. */
static void
empty_queue(ReadySet *set)
{
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(DagTaskId));

    for (uint32_t class = 0; class < dag__graph_n_use_classes(set->graph); class ++)
        while (dag__ready_queue_length(set->queue, class) > 0) {
            DagTaskId id = dag__ready_queue_take(set->queue, class);

            if (is_always(set, id))
                g_array_append_val(kept, id);
        }
    set->n_queued = 0;
    for (guint i = 0; i < kept->len; i++)
        enqueue(set, g_array_index(kept, DagTaskId, i));
}

static void
stop(ReadySet *set)
{
    bool is_first = !set->stopped;

    set->stopped = true;
    if (!is_first)
        return;
    drop_delays(set);
    if (!set->has_always)
        return;
    enqueue_freed(set);
    empty_queue(set);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(set->graph); id++)
        if (set->outcomes[id] == DAG_PENDING && !set->running[id] && !is_always(set, id))
            give_up(set, id);
}

void
dag__ready_set_stop(ReadySet *set)
{
    stop(set);
    advance(set);
}

void
dag__ready_set_halt(ReadySet *set)
{
    set->halted = true;
    dag__ready_set_stop(set);
    drop_delays(set);
}

static void
give_back(ReadySet *set, DagTaskId id)
{
    if (!set->stopped || is_always(set, id)) {
        dag__ready_queue_put_back(set->queue, id);
        set->n_queued++;
    } else if (set->has_always) {
        give_up(set, id);
        advance(set);
    }
}

void
dag__ready_set_give_back(ReadySet *set, const ReadyBatch *batch, unsigned n_run)
{
    for (unsigned i = batch->n; i-- > n_run;) {
        DagTaskId id = batch->ids[i];

        leave(set, &id, 1);
        if (i < batch->n_taken || dag__unforesee(&set->waiting, id))
            give_back(set, id);
    }
}

bool
dag__ready_set_is_stopped(const ReadySet *set)
{
    return set->stopped;
}

bool
dag__ready_set_is_done(ReadySet *set)
{
    return set->n_running == 0 && dag__ready_set_length(set) == 0 &&
           dag__delays_next(set->delays) == INT64_MAX;
}

/* One pass up: a predecessor is always decided before. */
void
dag__ready_set_abandon(ReadySet *set)
{
    for (DagTaskId id = 0; set->n_pending > 0; id++)
        decide(set, id);
    if (set->phase_begun)
        tell_phase(set, DAG_EVENT_PHASE_FINISHED);
    set->phase_begun = false;
}

DagOutcome
dag__ready_set_outcome(const ReadySet *set, DagTaskId id)
{
    return (DagOutcome)set->outcomes[id];
}
