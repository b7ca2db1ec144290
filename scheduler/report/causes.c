/* SPDX-License-Identifier: MIT */
#include "report/causes.h"

#include "report/line.h"

#include <dagrun/execute.h>
#include <dagrun/report.h>

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
    case DAG_BOUND_RATE:
        return g_strdup_printf("rate %s", pool_name(graph, bound));
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
    case DAG_BOUND_RATE:
        return g_strdup_printf("the rate of the pool %s allows", pool_name(graph, bound));
    case DAG_BOUND_INTERVAL:
        return interval_cause(bound);
    case DAG_BOUND_SEARCH:
        return g_strdup("a search has shown");
    }
    return g_strdup("the critical path");
}

DagBound
dag__bound_for(const DagPlan *plan, unsigned n_workers)
{
    DagMachine machine = {.n_workers = n_workers, .n_connections = DAG_DEFAULT_CONNECTIONS};

    return dag_plan_best_bound(plan, &machine);
}

/* Append a period without its number if that is 1: "m", "24h", "1.5us". */
static void
append_period(GString *out, int64_t ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"h", INT64_C(3600000000000)},
                 {"m", INT64_C(60000000000)},
                 {"s", 1000000000},
                 {"ms", 1000000},
                 {"us", 1000}};

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (ns % units[i].ns != 0)
            continue;
        if (ns != units[i].ns)
            g_string_append_printf(out, "%" G_GINT64_FORMAT, ns / units[i].ns);
        g_string_append(out, units[i].name);
        return;
    }
    g_string_append_printf(out, "%" G_GINT64_FORMAT ".%03dus", ns / 1000, (int)(ns % 1000));
}

char *
dag__rate_text(const DagPool *pool)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (pool->rate.count == 0 && pool->tokens.count == 0)
        return NULL;
    if (pool->rate.count > 0) {
        g_string_append_printf(text, "%u/", pool->rate.count);
        append_period(text, pool->rate.period_ns);
        g_string_append_printf(text, ", burst %u", pool->burst);
    }
    if (pool->tokens.count > 0) {
        g_string_append_printf(text, "%s%u tokens/", text->len > 0 ? ", " : "",
                               pool->tokens.count);
        append_period(text, pool->tokens.period_ns);
    }
    return g_strdup(text->str);
}

char *
dag_report_pool_limits(const DagPool *pool)
{
    g_return_val_if_fail(pool, NULL);

    g_autofree char *rate = dag__rate_text(pool);
    const char *s = pool->slots == 1 ? "" : "s";

    if (!rate)
        return g_strdup_printf("%u slot%s", pool->slots, s);
    if (pool->slots == 0)
        return g_steal_pointer(&rate);
    return g_strdup_printf("%u slot%s, %s", pool->slots, s, rate);
}
