/* SPDX-License-Identifier: MIT */
/*
 * A task could start when the last of its dependencies had ended, with a barrier also the phases
 * before, and when what it occupies was free.  The record tells all of these times.  The last moment
 * before its start at which too little was free ended with the end of some attempt; that is the cause.
 */
#include <dagrun/delays.h>
#include <dagrun/strategy.h>

#include "delays/pace.h"
#include "delays/usage.h"

typedef struct Search {
    const DagPlan *plan;
    const DagGraph *graph;
    const DagPastRun *past;
    const DagPastTask **tasks; /* [n_tasks]; NULL: not in the record */
    DagDelays *delays;
    Usage workers;
    Usage connections;
    Usage *pools; /* [n_pools] */
    Pace *paces;  /* [n_pools]; pool is NULL: it has no rate */
    size_t n_pools;
    /* [n_phases]: the task that ended last in the phases before; or NULL: there is no barrier. */
    DagTaskId *last_before;
} Search;

static const char *const cause_names[DAG_N_DELAY_CAUSES] = {
    "start", "dependency", "barrier", "worker", "connection", "pool", "rate"};

const char *
dag_delay_cause_name(DagDelayCause cause)
{
    g_return_val_if_fail((unsigned)cause < DAG_N_DELAY_CAUSES, NULL);
    return cause_names[cause];
}

static bool
has_started(const Search *search, DagTaskId id)
{
    return search->tasks[id] && search->tasks[id]->n_attempts > 0;
}

/* Find each task in the record. */
static void
find_tasks(Search *search)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
    size_t n = dag_graph_n_tasks(search->graph);

    for (uint32_t i = 0; i < search->past->tasks->len; i++) {
        DagPastTask *task = dag_past_run_task(search->past, i);

        g_hash_table_insert(ids, (gpointer)task->id, task);
    }
    for (DagTaskId id = 0; id < n; id++) {
        search->tasks[id] =
            g_hash_table_lookup(ids, dag_graph_task_name(search->graph, id));
        search->delays->n_missing += !search->tasks[id];
    }
}

/* Note the capacities that the attempts of a task occupied. */
static void
add_attempts(Search *search, DagTaskId id)
{
    const DagPastTask *task = search->tasks[id];
    const DagPastAttempt *attempts = dag_past_run_attempts(search->past, task);
    bool is_on_connection =
        dag_graph_task_kind(search->graph, id)->occupies == DAG_OCCUPIES_CONNECTION;
    size_t n_uses;
    const DagUse *uses = dag_graph_task_uses(search->graph, id, &n_uses);

    for (uint32_t i = 0; i < task->n_attempts; i++) {
        int64_t start_ns = attempts[i].start_ns, end_ns = attempts[i].end_ns;

        dag__usage_add(is_on_connection ? &search->connections : &search->workers, id,
                       start_ns, end_ns, 1);
        for (size_t u = 0; u < n_uses; u++)
            dag__usage_add(&search->pools[uses[u].pool], id, start_ns, end_ns,
                           uses[u].slots);
        for (size_t u = 0; u < n_uses; u++)
            if (search->paces[uses[u].pool].pool)
                dag__pace_add(&search->paces[uses[u].pool], id, start_ns);
    }
}

static void
find_usages(Search *search)
{
    const DagPool *pools = dag_graph_pools(search->graph, &search->n_pools);

    search->workers = dag__usage_new(search->past->n_workers);
    search->connections = dag__usage_new(search->past->n_connections);
    search->pools = g_new(Usage, search->n_pools + 1);
    search->paces = g_new0(Pace, search->n_pools + 1);
    for (size_t i = 0; i < search->n_pools; i++) {
        search->pools[i] = dag__usage_new(pools[i].slots > 0 ? pools[i].slots : UINT32_MAX);
        if (pools[i].rate.count > 0)
            search->paces[i] = dag__pace_new(&pools[i]);
    }
    for (DagTaskId id = 0; id < dag_graph_n_tasks(search->graph); id++)
        if (has_started(search, id))
            add_attempts(search, id);
    dag__usage_finish(&search->workers);
    dag__usage_finish(&search->connections);
    for (size_t i = 0; i < search->n_pools; i++) {
        dag__usage_finish(&search->pools[i]);
        if (search->paces[i].pool)
            dag__pace_finish(&search->paces[i]);
    }
}

/* Return the one of two tasks that ended later; the first one if they ended at the same time. */
static DagTaskId
later(const Search *search, DagTaskId one, DagTaskId other)
{
    if (other == DAG_TASK_NONE || !has_started(search, other))
        return one;
    if (one == DAG_TASK_NONE || search->tasks[other]->end_ns > search->tasks[one]->end_ns)
        return other;
    return one;
}

/* Find the task that ended last before each phase, if the strategy has a barrier. */
static void
find_barriers(Search *search)
{
    const DagStrategy *strategy = dag_strategy_find(search->past->strategy);
    size_t n_phases = dag_plan_n_phases(search->plan);
    DagTaskId last = DAG_TASK_NONE;

    if (!strategy || strategy->release != DAG_RELEASE_PHASE)
        return;
    search->last_before = g_new(DagTaskId, n_phases + 1);
    for (uint32_t phase = 0; phase < n_phases; phase++) {
        DagIds tasks = dag_plan_phase_tasks(search->plan, phase);

        search->last_before[phase] = last;
        for (size_t i = 0; i < tasks.n; i++)
            last = later(search, last, tasks.ids[i]);
    }
}

/* The cause is one that ended later than all before: note it. */
static void
set_cause(DagDelay *delay, DagDelayCause cause, DagTaskId by, int64_t ns)
{
    delay->cause = cause;
    delay->by = by;
    delay->by_ns = ns;
}

/* The end of the dependencies, and of the phases before. */
static void
find_ready(const Search *search, DagTaskId id, DagDelay *delay)
{
    DagIds preds = dag_graph_predecessors(search->graph, id);
    DagTaskId last = DAG_TASK_NONE;

    for (size_t i = 0; i < preds.n; i++)
        last = later(search, last, preds.ids[i]);
    delay->ready_ns = search->delays->first_ns;
    if (last != DAG_TASK_NONE) {
        delay->ready_ns = search->tasks[last]->end_ns;
        set_cause(delay, DAG_DELAY_DEPENDENCY, last, delay->ready_ns);
    }
    last = search->last_before ? search->last_before[dag_plan_phase(search->plan, id)]
                               : DAG_TASK_NONE;
    if (last != DAG_TASK_NONE && search->tasks[last]->end_ns > delay->ready_ns) {
        delay->barrier_ns = search->tasks[last]->end_ns - delay->ready_ns;
        set_cause(delay, DAG_DELAY_BARRIER, last, search->tasks[last]->end_ns);
    }
}

/* Note the capacity as the cause if it was lacking later than all causes before. */
static void
consider(const Search *search, DagTaskId id, DagDelay *delay, const Usage *usage,
         DagUse use)
{
    int64_t after_ns = MAX(delay->by_ns, delay->ready_ns + delay->barrier_ns), ns;
    DagTaskId by =
        dag__usage_last_lack(usage, after_ns, search->tasks[id]->start_ns, use.slots, &ns);

    if (by == DAG_TASK_NONE)
        return;
    set_cause(delay,
              usage == &search->workers       ? DAG_DELAY_WORKER
              : usage == &search->connections ? DAG_DELAY_CONNECTION
                                              : DAG_DELAY_POOL,
              by, ns);
    delay->pool = use.pool;
}

/* Note the rate of a pool as the cause if it allowed the start later than all causes before. */
static void
consider_rate(const Search *search, DagTaskId id, DagDelay *delay, uint32_t pool)
{
    int64_t after_ns = MAX(delay->by_ns, delay->ready_ns + delay->barrier_ns), ns = 0;
    DagTaskId by = DAG_TASK_NONE;

    if (search->paces[pool].pool)
        by = dag__pace_allowed(&search->paces[pool], search->tasks[id]->start_ns, id, &ns);
    if (by == DAG_TASK_NONE || ns <= after_ns)
        return;
    set_cause(delay, DAG_DELAY_RATE, by, ns);
    delay->pool = pool;
}

static void
find_delay(const Search *search, DagTaskId id, DagDelay *delay)
{
    const DagPastTask *task = search->tasks[id];
    bool is_on_connection =
        dag_graph_task_kind(search->graph, id)->occupies == DAG_OCCUPIES_CONNECTION;
    size_t n_uses;
    const DagUse *uses = dag_graph_task_uses(search->graph, id, &n_uses);
    int64_t free_ns;

    find_ready(search, id, delay);
    free_ns = delay->ready_ns + delay->barrier_ns;
    consider(search, id, delay, is_on_connection ? &search->connections : &search->workers,
             (DagUse){0, 1});
    for (size_t u = 0; u < n_uses; u++)
        consider(search, id, delay, &search->pools[uses[u].pool], uses[u]);
    for (size_t u = 0; u < n_uses; u++)
        consider_rate(search, id, delay, uses[u].pool);
    if (delay->cause >= DAG_DELAY_WORKER) {
        delay->capacity_ns = delay->by_ns - free_ns;
        free_ns = delay->by_ns;
    }
    delay->other_ns = MAX(task->start_ns - free_ns, 0);
    delay->pause_ns = task->duration_ns - task->busy_ns;
}

/* Set the first start and the makespan.  Return the task that ended last. */
static DagTaskId
find_ends(const Search *search)
{
    DagDelays *delays = search->delays;
    DagTaskId last = DAG_TASK_NONE;

    delays->first_ns = INT64_MAX;
    for (DagTaskId id = 0; id < dag_graph_n_tasks(search->graph); id++)
        if (has_started(search, id)) {
            delays->first_ns = MIN(delays->first_ns, search->tasks[id]->start_ns);
            last = later(search, last, id);
        }
    if (last == DAG_TASK_NONE)
        delays->first_ns = 0;
    else
        delays->makespan_ns = search->tasks[last]->end_ns - delays->first_ns;
    return last;
}

/* Follow the causes from the last end.  Each ends before the task starts, so they end. */
static void
find_steps(const Search *search, DagTaskId last)
{
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(DagDelayStep));
    DagDelays *delays = search->delays;
    int64_t end_ns = last == DAG_TASK_NONE ? 0 : search->tasks[last]->end_ns;

    while (last != DAG_TASK_NONE && steps->len <= search->past->attempts->len) {
        DagDelayStep step = {last, search->tasks[last]->start_ns, end_ns};

        g_array_append_val(steps, step);
        const DagDelay *delay = &delays->of[last];

        end_ns = delay->by_ns;
        last = delay->by;
        if (delay->cause == DAG_DELAY_RATE) /* it may have ended long before */
            end_ns = MIN(end_ns, search->tasks[last]->end_ns);
    }
    for (guint i = 0; i < steps->len / 2; i++) {
        DagDelayStep *one = &g_array_index(steps, DagDelayStep, i);
        DagDelayStep *other = &g_array_index(steps, DagDelayStep, steps->len - 1 - i);
        DagDelayStep kept = *one;

        *one = *other;
        *other = kept;
    }
    delays->n_steps = steps->len;
    delays->steps = (DagDelayStep *)(void *)g_array_free(steps, FALSE);
}

static void
search_clear(Search *search)
{
    dag__usage_clear(&search->workers);
    dag__usage_clear(&search->connections);
    for (size_t i = 0; i < search->n_pools; i++)
        dag__usage_clear(&search->pools[i]);
    for (size_t i = 0; i < search->n_pools; i++)
        if (search->paces[i].pool)
            dag__pace_clear(&search->paces[i]);
    g_free(search->pools);
    g_free(search->paces);
    g_free(search->last_before);
    g_free(search->tasks);
}

DagDelays *
dag_delays_new(const DagPlan *plan, const DagPastRun *past)
{
    g_return_val_if_fail(plan && past, NULL);

    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph);
    DagDelays *delays = g_new0(DagDelays, 1);
    Search search = {.plan = plan,
                     .graph = graph,
                     .past = past,
                     .tasks = g_new0(const DagPastTask *, n),
                     .delays = delays};
    DagTaskId last;

    delays->of = g_new0(DagDelay, n);
    find_tasks(&search);
    find_usages(&search);
    find_barriers(&search);
    last = find_ends(&search);
    for (DagTaskId id = 0; id < n; id++) {
        delays->of[id] = (DagDelay){.ready_ns = -1, .by = DAG_TASK_NONE};
        if (has_started(&search, id))
            find_delay(&search, id, &delays->of[id]);
    }
    find_steps(&search, last);
    search_clear(&search);
    return delays;
}

void
dag_delays_free(DagDelays *delays)
{
    if (!delays)
        return;
    g_free(delays->of);
    g_free(delays->steps);
    g_free(delays);
}

int64_t
dag_delay_total_ns(const DagDelay *delay)
{
    g_return_val_if_fail(delay, 0);
    return delay->barrier_ns + delay->capacity_ns + delay->other_ns + delay->pause_ns;
}
