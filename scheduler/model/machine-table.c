/* SPDX-License-Identifier: MIT */
/*
 * Access to the declared machine of a graph.
 */
#include "model/graph.h"

void
dag__machine_table_free(DagMachineTable *table)
{
    if (!table)
        return;
    g_free(table->workers);
    g_free(table->bandwidths);
    g_free(table->latencies);
    g_free(table->costs);
    g_free(table->sizes);
    g_free(table);
}

const DagWorker *
dag_graph_workers(const DagGraph *graph, size_t *n_out)
{
    g_return_val_if_fail(graph && n_out, NULL);
    *n_out = graph->machine ? graph->machine->n_workers : 0;
    return graph->machine ? graph->machine->workers : NULL;
}

const double *
dag_graph_worker_costs(const DagGraph *graph, DagTaskId id)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, NULL);
    return graph->machine ? graph->machine->costs[id] : NULL;
}

double
dag_graph_data_size(const DagGraph *graph, DagTaskId id, size_t i)
{
    g_return_val_if_fail(graph && id < graph->n_tasks, -1);
    g_return_val_if_fail(i < dag_graph_predecessors(graph, id).n, -1);
    return graph->machine ? graph->machine->sizes[graph->first_pred[id] + i] : -1;
}

double
dag_graph_transfer_seconds(const DagGraph *graph, double size, uint32_t from, uint32_t to)
{
    g_return_val_if_fail(graph && graph->machine, 0);
    const DagMachineTable *table = graph->machine;
    size_t link = from * table->n_workers + to;

    g_return_val_if_fail(from < table->n_workers && to < table->n_workers, 0);
    if (from == to || size < 0)
        return 0;
    return table->latencies[link] + size / table->bandwidths[link];
}
