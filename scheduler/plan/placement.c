/* SPDX-License-Identifier: MIT */
/*
 * Placements: schedules on the machine that a graph declares.
 */
#include <dagrun/placement.h>

#include <math.h>
#include <stdlib.h>

double
dag_plan_worker_cost(const DagPlan *plan, DagTaskId id, uint32_t worker)
{
    g_return_val_if_fail(plan, 0);
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n_workers;
    const DagWorker *workers = dag_graph_workers(graph, &n_workers);
    const double *costs = dag_graph_worker_costs(graph, id);
    double cost = dag_plan_cost(plan, id), declared = dag_graph_task_cost(graph, id);

    g_return_val_if_fail(worker < n_workers, 0);
    if (!costs)
        return cost / workers[worker].speed;
    return declared > 0 && cost != declared ? costs[worker] * (cost / declared)
                                            : costs[worker];
}

void
dag_placement_clear(DagPlacement *placement)
{
    g_return_if_fail(placement);
    g_clear_pointer(&placement->tasks, g_free);
}

static int
compare_starts(const void *left, const void *right)
{
    const DagPlaced *a = *(const DagPlaced *const *)left;
    const DagPlaced *b = *(const DagPlaced *const *)right;

    if (a->worker != b->worker)
        return a->worker < b->worker ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* Return whether no two tasks are on a worker at once. */
static bool
is_apart(const DagPlacement *placement, size_t n, double slip)
{
    g_autofree const DagPlaced **sorted = g_new(const DagPlaced *, n + 1);

    for (size_t i = 0; i < n; i++)
        sorted[i] = &placement->tasks[i];
    qsort(sorted, n, sizeof(*sorted), compare_starts);
    for (size_t i = 1; i < n; i++)
        if (sorted[i]->worker == sorted[i - 1]->worker &&
            sorted[i]->start < sorted[i - 1]->end - slip)
            return false;
    return true;
}

/* Return whether the task takes its cost, and starts after its data have arrived. */
static bool
is_in_time(const DagPlacement *placement, const DagPlan *plan, DagTaskId id, double slip)
{
    const DagGraph *graph = dag_plan_graph(plan);
    const DagPlaced *it = &placement->tasks[id];
    DagIds preds = dag_graph_predecessors(graph, id);

    if (it->start < 0 ||
        fabs(it->end - it->start - dag_plan_worker_cost(plan, id, it->worker)) > slip)
        return false;
    for (size_t p = 0; p < preds.n; p++) {
        const DagPlaced *pred = &placement->tasks[preds.ids[p]];
        double seconds = dag_graph_transfer_seconds(
            graph, dag_graph_data_size(graph, id, p), pred->worker, it->worker);

        if (it->start < pred->end + seconds - slip)
            return false;
    }
    return true;
}

bool
dag_placement_is_valid(const DagPlacement *placement, const DagPlan *plan)
{
    g_return_val_if_fail(placement && plan, false);

    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph), n_workers;
    double makespan = 0, slip = placement->makespan * 1e-9;

    dag_graph_workers(graph, &n_workers);
    for (DagTaskId id = 0; id < n; id++)
        if (placement->tasks[id].worker >= n_workers)
            return false;
    for (DagTaskId id = 0; id < n; id++) {
        if (!is_in_time(placement, plan, id, slip))
            return false;
        makespan = MAX(makespan, placement->tasks[id].end);
    }
    return fabs(makespan - placement->makespan) <= slip && is_apart(placement, n, slip);
}
