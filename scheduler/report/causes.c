/* SPDX-License-Identifier: MIT */
#include "report/causes.h"

#include "report/line.h"

static const char *
pool_name(const DagGraph *graph, const DagBound *bound)
{
    size_t n_pools;

    return dag_graph_pools(graph, &n_pools)[bound->pool].name;
}

static char *
interval_cause(const DagBound *bound)
{
    g_autoptr(GString) from = g_string_new(NULL), rest = g_string_new(NULL);

    dag__text_append_seconds(from, bound->from);
    dag__text_append_seconds(rest, bound->rest);
    if (bound->rest <= 0)
        return g_strdup_printf("the work from %s after the start on allows", from->str);
    if (bound->from <= 0)
        return g_strdup_printf("the work up to %s before the end allows", rest->str);
    return g_strdup_printf(
        "the work between %s after the start and %s before the end allows", from->str,
        rest->str);
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
    case DAG_BOUND_INTERVAL:
        return g_strdup("interval");
    case DAG_BOUND_SEARCH:
        return g_strdup("search");
    }
    return g_strdup("critical-path");
}

const char *
dag__search_word(const DagSearch *search)
{
    return search->is_optimal ? "optimal" : search->is_over_budget ? "budget" : "fallback";
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
    case DAG_BOUND_INTERVAL:
        return interval_cause(bound);
    case DAG_BOUND_SEARCH:
        return g_strdup("a search has shown");
    }
    return g_strdup("the critical path");
}
