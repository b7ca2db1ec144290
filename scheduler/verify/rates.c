/* SPDX-License-Identifier: MIT */
/*
 * Rates of pools.  Let start number j (from 0) of the attempts that use a pool be at time t(j).  For all
 * i <= j, j - i + 1 starts lie within t(j) - t(i), and may be burst + rate x (t(j) - t(i)).  So
 * (j - rate x t(j)) - (i - rate x t(i)) < burst, and it is enough to know the least value of
 * i - rate x t(i) so far.
 */
#include "verify/check.h"

/* A start of an attempt. */
typedef struct Start {
    int64_t time_ns;
    DagTaskId task;
} Start;

static int
compare_starts(gconstpointer a, gconstpointer b)
{
    const Start *x = a, *y = b;

    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

/* Return the starts of all attempts that use the pool, in order; of Start. */
static GArray *
starts_of(const Check *check, uint32_t pool)
{
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(Start));

    for (DagTaskId id = 0; id < check->n_tasks; id++) {
        const DagPastTask *record = check->records[id];
        size_t n_uses;
        const DagUse *uses = dag_graph_task_uses(check->graph, id, &n_uses);
        bool is_user = false;

        for (size_t u = 0; u < n_uses; u++)
            is_user |= uses[u].pool == pool;
        for (uint32_t i = 0; is_user && has_run(check, id) && i < record->n_attempts; i++) {
            Start start = {dag_past_run_attempts(check->past, record)[i].start_ns, id};

            g_array_append_val(starts, start);
        }
    }
    g_array_sort(starts, compare_starts);
    return starts;
}

static void
check_rate(Check *check, const DagPool *pool, const GArray *starts)
{
    long double per_ns = (long double)pool->rate.count / (long double)pool->rate.period_ns;
    long double least = 0;

    for (guint i = 0; i < starts->len; i++) {
        const Start *start = &g_array_index(starts, Start, i);
        long double value = i - per_ns * (long double)start->time_ns;
        /* Both times may be off by their rounding errors. */
        long double error = per_ns * (long double)(4 * rounding_ns(start->time_ns));
        char time[SECONDS_SIZE];

        least = i == 0 ? value : MIN(least, value);
        if (value - least + 1 <= pool->burst + error + 1e-12L)
            continue;
        dag__find(check, DAG_RULE_RATE, start->task,
                  "task \"%s\" started at %s, sooner than the rate of the pool \"%s\" "
                  "allows",
                  name_of(check, start->task), dag__seconds(start->time_ns, time),
                  pool->name);
    }
}

/* Return true if the tokens of an attempt are known: those of the estimate, unless its task counts them itself. */
static bool
knows_tokens(const Check *check, const GArray *starts)
{
    for (guint i = 0; i < starts->len; i++) {
        DagTaskId id = g_array_index(starts, Start, i).task;

        if (!check->past->is_simulated &&
            dag_graph_task_kind(check->graph, id)->counts_tokens)
            return false;
    }
    return true;
}

/* The same for tokens: an attempt starts if the pool has its tokens, or is full. */
static void
check_tokens(Check *check, const DagPool *pool, const GArray *starts)
{
    long double per_ns =
        (long double)pool->tokens.count / (long double)pool->tokens.period_ns;
    long double least = 0, sum = 0;

    for (guint i = 0; i < starts->len; i++) {
        const Start *start = &g_array_index(starts, Start, i);
        uint32_t tokens = dag_graph_task_tokens(check->graph, start->task);
        long double value = sum - per_ns * (long double)start->time_ns;
        long double error = per_ns * (long double)(4 * rounding_ns(start->time_ns));
        char time[SECONDS_SIZE];

        least = i == 0 ? value : MIN(least, value);
        sum += tokens;
        if (value - least + MIN(tokens, pool->tokens.count) <=
            pool->tokens.count + error + 1e-9L)
            continue;
        dag__find(check, DAG_RULE_RATE, start->task,
                  "task \"%s\" started at %s, sooner than the tokens of the pool \"%s\" "
                  "allow",
                  name_of(check, start->task), dag__seconds(start->time_ns, time),
                  pool->name);
    }
}

void
dag__check_rates(Check *check)
{
    size_t n_pools;
    const DagPool *pools = dag_graph_pools(check->graph, &n_pools);

    for (uint32_t i = 0; i < n_pools; i++) {
        bool is_limited = pools[i].rate.count > 0 || pools[i].tokens.count > 0;
        g_autoptr(GArray) starts = is_limited ? starts_of(check, i) : NULL;

        if (starts && pools[i].rate.count > 0)
            check_rate(check, &pools[i], starts);
        if (starts && pools[i].tokens.count > 0 && knows_tokens(check, starts))
            check_tokens(check, &pools[i], starts);
    }
}
