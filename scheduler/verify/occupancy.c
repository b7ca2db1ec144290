/* SPDX-License-Identifier: MIT */
/*
 * Workers, connections and slots of pools: an attempt occupies them from its start to its end, and
 * nothing during the pause before the next one.  If one attempt ends when another one starts, the end
 * comes first.
 */
#include "verify/check.h"

/* An attempt on a worker. */
typedef struct Stay {
    int64_t start_ns;
    int64_t end_ns;
    int32_t worker;
    DagTaskId task;
} Stay;

static int
compare_stays(gconstpointer a, gconstpointer b)
{
    const Stay *x = a, *y = b;

    if (x->worker != y->worker)
        return x->worker < y->worker ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

static bool
is_on_worker(const Check *check, DagTaskId id)
{
    return dag_graph_task_kind(check->graph, id)->occupies == DAG_OCCUPIES_WORKER;
}

/* Add the attempts of a task, if their workers exist. */
static void
add_stays(Check *check, DagTaskId id, GArray *stays)
{
    const DagPastTask *record = check->records[id];
    const DagPastAttempt *attempts = dag_past_run_attempts(check->past, record);

    for (uint32_t i = 0; i < record->n_attempts; i++) {
        Stay stay = {attempts[i].start_ns, attempts[i].end_ns, attempts[i].worker, id};

        if (stay.worker < 0)
            dag__find(check, DAG_RULE_WORKER, id,
                      "task \"%s\" does not say on which worker it ran",
                      name_of(check, id));
        else if ((uint32_t)stay.worker >= check->past->n_workers)
            dag__find(check, DAG_RULE_WORKER, id,
                      "task \"%s\" ran on worker %d, but the run had %u, numbered from 0",
                      name_of(check, id), stay.worker, check->past->n_workers);
        else
            g_array_append_val(stays, stay);
    }
}

/* Each attempt says its worker, there are so many workers, and none had two attempts at one time.  So
 * never more tasks ran than there were workers. */
static void
check_workers(Check *check)
{
    g_autoptr(GArray) stays = g_array_new(FALSE, FALSE, sizeof(Stay));

    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (has_run(check, id) && is_on_worker(check, id))
            add_stays(check, id, stays);
    g_array_sort(stays, compare_stays);
    for (guint i = 1; i < stays->len; i++) {
        const Stay *stay = &g_array_index(stays, Stay, i), *before = stay - 1;
        char start[SECONDS_SIZE], end[SECONDS_SIZE];

        if (before->worker == stay->worker && is_before(stay->start_ns, before->end_ns))
            dag__find(check, DAG_RULE_WORKER, stay->task,
                      "task \"%s\" started on worker %d at %s, before \"%s\" ended there "
                      "at %s",
                      name_of(check, stay->task), stay->worker,
                      dag__seconds(stay->start_ns, start), name_of(check, before->task),
                      dag__seconds(before->end_ns, end));
    }
}

/* Units taken at the start of an attempt, or given back at its end. */
typedef struct Change {
    int64_t time_ns;
    int64_t units; /* negative: given back */
    DagTaskId task;
} Change;

static int
compare_changes(gconstpointer a, gconstpointer b)
{
    const Change *x = a, *y = b;

    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return x->units < y->units ? -1 : x->units > y->units;
}

/* Add the units that the attempts of a task take and give back. */
static void
add_changes(const Check *check, DagTaskId id, int64_t units, GArray *changes)
{
    const DagPastTask *record = check->records[id];
    const DagPastAttempt *attempts = dag_past_run_attempts(check->past, record);

    for (uint32_t i = 0; i < record->n_attempts; i++) {
        /* A time that is not exact may be too early by its rounding error. */
        Change take = {attempts[i].start_ns + 2 * rounding_ns(attempts[i].start_ns), units,
                       id};
        Change give = {attempts[i].end_ns, -units, id};

        if (attempts[i].end_ns <= take.time_ns)
            continue;
        g_array_append_val(changes, take);
        g_array_append_val(changes, give);
    }
}

/* A capacity that attempts share: the connections, or a pool. */
typedef struct Shared {
    DagRule rule;
    const char *pool; /* NULL: connections */
    int64_t units;
} Shared;

static void
find_excess(Check *check, const Shared *shared, const Change *change, int64_t in_use)
{
    g_autofree char *of = shared->pool
                              ? g_strdup_printf("slots of the pool \"%s\"", shared->pool)
                              : g_strdup("connections");
    char time[SECONDS_SIZE];

    dag__find(check, shared->rule, change->task,
              "when task \"%s\" started at %s, %" G_GINT64_FORMAT
              " %s were in use, more than %" G_GINT64_FORMAT,
              name_of(check, change->task), dag__seconds(change->time_ns, time), in_use, of,
              shared->units);
}

static void
sweep(Check *check, const Shared *shared, GArray *changes)
{
    int64_t in_use = 0;

    g_array_sort(changes, compare_changes);
    for (guint i = 0; i < changes->len; i++) {
        const Change *change = &g_array_index(changes, Change, i);

        in_use += change->units;
        if (change->units > 0 && in_use > shared->units)
            find_excess(check, shared, change, in_use);
    }
}

static void
check_connections(Check *check)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(Change));

    for (DagTaskId id = 0; id < check->n_tasks; id++)
        if (has_run(check, id) && !is_on_worker(check, id))
            add_changes(check, id, 1, changes);
    sweep(check, &(Shared){DAG_RULE_CONNECTION, NULL, check->past->n_connections}, changes);
}

/* The pools of the run are those of the graph. */
static void
compare_pools(Check *check)
{
    size_t n;
    const DagPool *pools = dag_graph_pools(check->graph, &n);
    const GArray *said = check->past->pools;

    for (size_t i = 0; pools && i < n; i++) {
        const DagPastPool *pool =
            i < said->len ? &g_array_index(said, DagPastPool, i) : NULL;

        if (!pool || !g_str_equal(pool->name, pools[i].name))
            dag__find(check, DAG_RULE_POOL, DAG_TASK_NONE,
                      "the pool \"%s\" is in the graph, but not in the run", pools[i].name);
        else if (pool->count != pools[i].rate.count || pool->burst != pools[i].burst ||
                 pool->period_ns != pools[i].rate.period_ns)
            dag__find(check, DAG_RULE_RATE, DAG_TASK_NONE,
                      "the rate of the pool \"%s\" is not the one in the graph",
                      pool->name);
        else if (pool->tokens_count != pools[i].tokens.count ||
                 pool->tokens_period_ns != pools[i].tokens.period_ns)
            dag__find(check, DAG_RULE_RATE, DAG_TASK_NONE,
                      "the tokens of the pool \"%s\" are not those in the graph",
                      pool->name);
        else if (pool->slots != pools[i].slots)
            dag__find(check, DAG_RULE_POOL, DAG_TASK_NONE,
                      "the pool \"%s\" has %u slots in the run, but %u in the graph",
                      pool->name, pool->slots, pools[i].slots);
    }
    for (size_t i = n; said->data && i < said->len; i++)
        dag__find(check, DAG_RULE_POOL, DAG_TASK_NONE,
                  "the pool \"%s\" is in the run, but not in the graph",
                  g_array_index(said, DagPastPool, i).name);
}

static void
check_pools(Check *check)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(check->graph, &n_pools);
    g_autoptr(GPtrArray) changes =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);

    for (size_t i = 0; i < n_pools; i++)
        g_ptr_array_add(changes, g_array_new(FALSE, FALSE, sizeof(Change)));
    for (DagTaskId id = 0; id < check->n_tasks && n_pools > 0; id++) {
        size_t n_uses = 0;
        const DagUse *uses =
            has_run(check, id) ? dag_graph_task_uses(check->graph, id, &n_uses) : NULL;

        for (size_t u = 0; u < n_uses; u++)
            add_changes(check, id, uses[u].slots, changes->pdata[uses[u].pool]);
    }
    for (size_t i = 0; i < n_pools; i++)
        if (pools[i].slots > 0)
            sweep(check, &(Shared){DAG_RULE_POOL, pools[i].name, pools[i].slots},
                  changes->pdata[i]);
}

void
dag__check_occupancy(Check *check)
{
    check_workers(check);
    check_connections(check);
    compare_pools(check);
    check_pools(check);
    dag__check_rates(check);
}
