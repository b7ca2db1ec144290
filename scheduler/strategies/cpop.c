/* SPDX-License-Identifier: MIT */
/*
 * CPOP, critical path on a processor (Topcuoglu, Hariri and Wu, 2002): all tasks of the critical path run on
 * the worker that does them fastest; of the others, the ready one with the longest chain through it
 * goes first, to the worker on which it ends first.  Loses where no worker is good for the whole path.
 *
 * Workers that are alike send each other nothing: the longest chain through a task is then that of the task
 * with the least slack, so cpop orders tasks as slack does.
 */
#include "strategies/strategies.h"
#include "strategies/unlike/unlike.h"

#include <stdlib.h>

typedef struct Cpop {
    Unlike it;
    double *chain; /* [n_tasks]: mean length of the longest chain through the task */
    bool *is_critical;
    uint32_t worker;     /* of the critical path */
    GArray *ready;       /* heap of DagTaskId */
    uint32_t *n_missing; /* [n_tasks]: predecessors that are not placed */
} Cpop;

static bool
goes_before(const Cpop *cpop, DagTaskId a, DagTaskId b)
{
    if (cpop->chain[a] != cpop->chain[b])
        return cpop->chain[a] > cpop->chain[b];
    return a < b;
}

static void
swap(DagTaskId *heap, guint a, guint b)
{
    DagTaskId id = heap[a];

    heap[a] = heap[b];
    heap[b] = id;
}

static void
push(Cpop *cpop, DagTaskId id)
{
    g_array_append_val(cpop->ready, id);

    DagTaskId *heap = (DagTaskId *)(void *)cpop->ready->data;

    for (guint i = cpop->ready->len - 1;
         i > 0 && goes_before(cpop, heap[i], heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(heap, i, (i - 1) / 2);
}

static DagTaskId
pop(Cpop *cpop)
{
    DagTaskId *heap = (DagTaskId *)(void *)cpop->ready->data, first = heap[0];
    guint n = cpop->ready->len - 1, i = 0;

    heap[0] = heap[n];
    g_array_set_size(cpop->ready, n);
    for (;;) {
        guint child = 2 * i + 1;

        if (child + 1 < n && goes_before(cpop, heap[child + 1], heap[child]))
            child++;
        if (child >= n || !goes_before(cpop, heap[child], heap[i]))
            return first;
        swap(heap, i, child);
        i = child;
    }
}

/* Return the task of the longest chain; DAG_TASK_NONE: there is none. */
static DagTaskId
longest(const Cpop *cpop, DagIds tasks)
{
    DagTaskId best = DAG_TASK_NONE;

    for (size_t i = 0; i < tasks.n; i++)
        if (best == DAG_TASK_NONE || goes_before(cpop, tasks.ids[i], best))
            best = tasks.ids[i];
    return best;
}

/* Mark a longest chain, and choose its worker. */
static void
choose_worker(Cpop *cpop)
{
    const Unlike *it = &cpop->it;
    g_autofree double *sum = g_new0(double, it->n_workers);
    DagTaskId id = DAG_TASK_NONE;

    for (DagTaskId task = 0; task < it->n_tasks; task++)
        if (dag_graph_predecessors(it->graph, task).n == 0 &&
            (id == DAG_TASK_NONE || goes_before(cpop, task, id)))
            id = task;
    for (; id != DAG_TASK_NONE; id = longest(cpop, dag_graph_successors(it->graph, id))) {
        cpop->is_critical[id] = true;
        for (uint32_t worker = 0; worker < it->n_workers; worker++)
            sum[worker] += it->cost[id * it->n_workers + worker];
    }
    for (uint32_t worker = 1; worker < it->n_workers; worker++)
        if (sum[worker] < sum[cpop->worker])
            cpop->worker = worker;
}

/* Place all tasks, the ready one with the longest chain first. */
static void
place_all(Cpop *cpop)
{
    const DagGraph *graph = cpop->it.graph;

    for (DagTaskId id = 0; id < cpop->it.n_tasks; id++) {
        cpop->n_missing[id] = (uint32_t)dag_graph_predecessors(graph, id).n;
        if (cpop->n_missing[id] == 0)
            push(cpop, id);
    }
    while (cpop->ready->len > 0) {
        DagTaskId id = pop(cpop);
        DagIds succs = dag_graph_successors(graph, id);

        if (cpop->is_critical[id])
            unlike_place(&cpop->it, id, cpop->worker);
        else
            unlike_place_best(&cpop->it, id);
        for (size_t s = 0; s < succs.n; s++)
            if (--cpop->n_missing[succs.ids[s]] == 0)
                push(cpop, succs.ids[s]);
    }
}

void
dag__place_cpop(const DagPlan *plan, DagPlacement *placement_out)
{
    Cpop cpop = {.ready = g_array_new(FALSE, FALSE, sizeof(DagTaskId))};

    unlike_init(&cpop.it, plan);

    uint32_t n = cpop.it.n_tasks;
    g_autofree double *upward = g_new(double, n + 1);
    g_autofree double *downward = g_new(double, n + 1);
    g_autofree bool *is_critical = g_new0(bool, n + 1);
    g_autofree uint32_t *n_missing = g_new(uint32_t, n + 1);

    unlike_ranks(&cpop.it, upward, downward);
    for (DagTaskId id = 0; id < n; id++)
        upward[id] += downward[id];
    cpop.chain = upward;
    cpop.is_critical = is_critical;
    cpop.n_missing = n_missing;
    choose_worker(&cpop);
    place_all(&cpop);
    unlike_take(&cpop.it, placement_out);
    unlike_clear(&cpop.it);
    g_array_unref(cpop.ready);
}

static void
cpop_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    size_t n = dag_graph_n_tasks(dag_plan_graph(plan));

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = -dag_plan_slack(plan, id);
}

const DagStrategy dag__strategy_cpop = {
    .name = "cpop",
    .summary = "for unlike workers: the critical path on one worker",
    .source = "Topcuoglu, Hariri & Wu 2002",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = cpop_keys,
    .place = dag__place_cpop,
};
