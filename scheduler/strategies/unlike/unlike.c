/* SPDX-License-Identifier: MIT */
#include "strategies/unlike/unlike.h"

#include <string.h>

/* Set the means over all links between two different workers. */
static void
measure_links(Unlike *it)
{
    size_t n_links = (size_t)it->n_workers * (it->n_workers - 1);

    for (uint32_t from = 0; from < it->n_workers; from++)
        for (uint32_t to = 0; to < it->n_workers; to++) {
            double latency = dag_graph_transfer_seconds(it->graph, 0, from, to);

            it->mean_latency += latency;
            it->mean_pace += dag_graph_transfer_seconds(it->graph, 1, from, to) - latency;
        }
    it->mean_latency /= (double)MAX(n_links, 1);
    it->mean_pace /= (double)MAX(n_links, 1);
}

void
unlike_init(Unlike *it, const DagPlan *plan)
{
    size_t n_workers;

    *it = (Unlike){.graph = dag_plan_graph(plan)};
    dag_graph_workers(it->graph, &n_workers);
    g_assert(n_workers > 0);
    it->n_tasks = (uint32_t)dag_graph_n_tasks(it->graph);
    it->n_workers = (uint32_t)n_workers;
    it->cost = g_new0(double, it->n_tasks *n_workers + 1);
    it->mean = g_new0(double, it->n_tasks + 1);
    it->tasks = g_new0(DagPlaced, it->n_tasks + 1);
    it->busy = g_new0(GArray *, n_workers);
    for (uint32_t worker = 0; worker < n_workers; worker++)
        it->busy[worker] = g_array_new(FALSE, FALSE, sizeof(Busy));
    for (DagTaskId id = 0; id < it->n_tasks; id++)
        for (uint32_t worker = 0; worker < n_workers; worker++) {
            double cost = dag_plan_worker_cost(plan, id, worker);

            it->cost[id * n_workers + worker] = cost;
            it->mean[id] += cost / (double)n_workers;
        }
    measure_links(it);
}

void
unlike_clear(Unlike *it)
{
    for (uint32_t worker = 0; worker < it->n_workers; worker++)
        g_array_unref(it->busy[worker]);
    g_free(it->busy);
    g_free(it->cost);
    g_free(it->mean);
    g_free(it->tasks);
}

double
unlike_mean_transfer(const Unlike *it, DagTaskId id, size_t i)
{
    double size = dag_graph_data_size(it->graph, id, i);

    return size < 0 ? 0 : it->mean_latency + size * it->mean_pace;
}

void
unlike_ranks(const Unlike *it, double *upward_out, double *downward_out)
{
    memset(upward_out, 0, it->n_tasks * sizeof(double));
    memset(downward_out, 0, it->n_tasks * sizeof(double));
    for (DagTaskId id = 0; id < it->n_tasks; id++) {
        DagIds preds = dag_graph_predecessors(it->graph, id);

        for (size_t p = 0; p < preds.n; p++) {
            DagTaskId pred = preds.ids[p];
            double start =
                downward_out[pred] + it->mean[pred] + unlike_mean_transfer(it, id, p);

            downward_out[id] = MAX(downward_out[id], start);
        }
    }
    /* upward_out has the time after the task until the task itself is reached. */
    for (DagTaskId id = it->n_tasks; id-- > 0;) {
        DagIds preds = dag_graph_predecessors(it->graph, id);

        upward_out[id] += it->mean[id];
        for (size_t p = 0; p < preds.n; p++) {
            double after = unlike_mean_transfer(it, id, p) + upward_out[id];

            upward_out[preds.ids[p]] = MAX(upward_out[preds.ids[p]], after);
        }
    }
}

/* Return when all data of the task are at the worker. */
static double
arrival(const Unlike *it, DagTaskId id, uint32_t worker)
{
    DagIds preds = dag_graph_predecessors(it->graph, id);
    double last = 0;

    for (size_t p = 0; p < preds.n; p++) {
        const DagPlaced *pred = &it->tasks[preds.ids[p]];
        double seconds = dag_graph_transfer_seconds(
            it->graph, dag_graph_data_size(it->graph, id, p), pred->worker, worker);

        last = MAX(last, pred->end + seconds);
    }
    return last;
}

/* Return the index of the first part that ends after the time. */
static guint
first_after(const GArray *busy, double time)
{
    guint low = 0, high = busy->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (g_array_index(busy, Busy, middle).end > time)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Return the start of the task in the first gap in which it fits; `place_out` is the index of its part. */
static double
earliest_start(const Unlike *it, DagTaskId id, uint32_t worker, guint *place_out)
{
    const GArray *busy = it->busy[worker];
    double cost = it->cost[id * it->n_workers + worker];
    double start = arrival(it, id, worker);
    guint i = first_after(busy, start);

    for (; i < busy->len; i++) {
        const Busy *next = &g_array_index(busy, Busy, i);

        if (start + cost <= next->start)
            break;
        start = MAX(start, next->end);
    }
    *place_out = i;
    return start;
}

double
unlike_earliest_end(const Unlike *it, DagTaskId id, uint32_t worker)
{
    guint place;

    return earliest_start(it, id, worker, &place) + it->cost[id * it->n_workers + worker];
}

void
unlike_place(Unlike *it, DagTaskId id, uint32_t worker)
{
    guint place;
    double start = earliest_start(it, id, worker, &place);
    Busy part = {start, start + it->cost[id * it->n_workers + worker]};

    g_array_insert_val(it->busy[worker], place, part);
    it->tasks[id] = (DagPlaced){worker, part.start, part.end};
    it->makespan = MAX(it->makespan, part.end);
}

void
unlike_place_best(Unlike *it, DagTaskId id)
{
    uint32_t best = 0;
    double best_end = unlike_earliest_end(it, id, 0);

    for (uint32_t worker = 1; worker < it->n_workers; worker++) {
        double end = unlike_earliest_end(it, id, worker);

        if (end < best_end) {
            best = worker;
            best_end = end;
        }
    }
    unlike_place(it, id, best);
}

void
unlike_take(Unlike *it, DagPlacement *placement_out)
{
    double bound = unlike_bound(it);

    *placement_out = (DagPlacement){
        .tasks = g_steal_pointer(&it->tasks),
        .makespan = it->makespan,
        .lower_bound = MIN(bound, it->makespan),
        .is_optimal = it->makespan <= bound * (1 + 1e-12),
    };
}
