/* SPDX-License-Identifier: MIT */
#include "report/trace-counters.h"

static void
add(GArray *steps, int64_t time_ns, uint32_t counted, int32_t change)
{
    CounterStep step = {time_ns, counted, change};

    if (change != 0)
        g_array_append_val(steps, step);
}

/* Return the time at which the last predecessor of the task ended, or 0. */
static int64_t
released_ns(const DagRun *run, const DagGraph *graph, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(graph, id);
    int64_t latest_ns = 0;

    for (size_t i = 0; i < preds.n; i++)
        latest_ns = MAX(latest_ns, dag_run_record(run, preds.ids[i]).end_ns);
    return latest_ns;
}

/* Add the slots that an attempt uses. */
static void
add_pools(GArray *steps, const DagGraph *graph, DagTaskId id, const DagAttempt *attempt)
{
    size_t n_uses;
    const DagUse *uses = dag_graph_task_uses(graph, id, &n_uses);

    for (size_t i = 0; i < n_uses; i++) {
        add(steps, attempt->start_ns, COUNTED_POOLS + uses[i].pool, (int32_t)uses[i].slots);
        add(steps, attempt->end_ns, COUNTED_POOLS + uses[i].pool, -(int32_t)uses[i].slots);
    }
}

static void
add_task(GArray *steps, const DagRun *run, const DagGraph *graph, DagTaskId id)
{
    DagRecord record = dag_run_record(run, id);
    int64_t since_ns;

    if (record.n_attempts == 0)
        return;
    /* A clean-up does not wait for all that it needs. */
    since_ns = MIN(released_ns(run, graph, id), record.start_ns);
    if (since_ns < record.start_ns) {
        add(steps, since_ns, COUNTED_WAITING, 1);
        add(steps, record.start_ns, COUNTED_WAITING, -1);
    }
    for (unsigned i = 0; i < record.n_attempts; i++) {
        DagAttempt attempt = dag_run_attempt(run, id, i);

        add(steps, attempt.start_ns, COUNTED_RUNNING, 1);
        add(steps, attempt.end_ns, COUNTED_RUNNING, -1);
        add_pools(steps, graph, id, &attempt);
    }
}

static int
compare(gconstpointer left, gconstpointer right)
{
    const CounterStep *a = left, *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->counted < b->counted ? -1 : a->counted > b->counted;
}

/* Join the steps of a number at a moment; leave out those without a change; replace changes by values. */
static void
sum_up(GArray *steps, size_t n_counted)
{
    g_autofree int32_t *value = g_new0(int32_t, n_counted);
    g_autofree int32_t *shown = g_new0(int32_t, n_counted);
    guint n = 0;

    for (guint i = 0; i < steps->len; i++) {
        CounterStep step = g_array_index(steps, CounterStep, i);
        const CounterStep *next =
            i + 1 < steps->len ? &g_array_index(steps, CounterStep, i + 1) : NULL;

        value[step.counted] += step.value;
        if (next && compare(next, &step) == 0)
            continue;
        if (value[step.counted] == shown[step.counted])
            continue;
        step.value = shown[step.counted] = value[step.counted];
        g_array_index(steps, CounterStep, n++) = step;
    }
    g_array_set_size(steps, n);
}

GArray *
dag__trace_counters(const DagRun *run)
{
    const DagGraph *graph = dag_plan_graph(dag_run_plan(run));
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(CounterStep));
    size_t n_pools;

    dag_graph_pools(graph, &n_pools);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++)
        add_task(steps, run, graph, id);
    g_array_sort(steps, compare);
    sum_up(steps, COUNTED_POOLS + n_pools);
    return steps;
}
