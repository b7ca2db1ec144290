/* SPDX-License-Identifier: MIT */
#include "report/causes.h"

static const char *
pool_name(const DagGraph *graph, const DagBound *bound)
{
    size_t n_pools;

    return dag_graph_pools(graph, &n_pools)[bound->pool].name;
}

char *
dag__bound_word(const DagGraph *graph, const DagBound *bound)
{
    switch (bound->cause) {
    case DAG_BOUND_CHAIN:
        break;
    case DAG_BOUND_WORKERS:
        return g_strdup("workers");
    case DAG_BOUND_CONNECTIONS:
        return g_strdup("connections");
    case DAG_BOUND_POOL:
        return g_strdup_printf("pool %s", pool_name(graph, bound));
    }
    return g_strdup("critical-path");
}

char *
dag__bound_cause(const DagGraph *graph, const DagBound *bound)
{
    switch (bound->cause) {
    case DAG_BOUND_CHAIN:
        break;
    case DAG_BOUND_WORKERS:
        return g_strdup("the work spread over all workers");
    case DAG_BOUND_CONNECTIONS:
        return g_strdup("the work spread over all connections");
    case DAG_BOUND_POOL:
        return g_strdup_printf("the pool %s allows", pool_name(graph, bound));
    }
    return g_strdup("the critical path");
}
