/* SPDX-License-Identifier: MIT */
#include "server-limits.h"

#include "retry-after.h"

#include <dagrun/duration.h>
#include <dagrun/engine.h>

bool
server_limits_has_rate(const DagPool *pool)
{
    return pool && (pool->rate.count > 0 || pool->tokens.count > 0);
}

const DagPool *
server_limits_pool(const Exchange *exchange)
{
    const DagGraph *graph = dag_context_graph(exchange->context);
    size_t n_pools, n_uses;
    const DagPool *pools = dag_graph_pools(graph, &n_pools);
    const DagUse *uses =
        dag_graph_task_uses(graph, dag_context_task(exchange->context), &n_uses);

    if (exchange->is_aside)
        return NULL;
    for (size_t i = 0; i < n_uses; i++)
        if (server_limits_has_rate(&pools[uses[i].pool]))
            return &pools[uses[i].pool];
    return n_uses > 0 ? &pools[uses[0].pool] : NULL;
}

/* Return when the answer began to arrive, by dag_clock_ns(): that is when its server has counted. */
static int64_t
begin_of_answer(const Exchange *exchange)
{
    DagRequest request = {0};

    transfer_measure(exchange->transfer, &request);
    return dag_clock_ns() - MAX(request.total_ns - request.name_ns - request.connect_ns -
                                    request.tls_ns - request.first_byte_ns,
                                0);
}

void
server_limits_note(const Exchange *exchange, const TransferEnd *end)
{
    const DagPool *pool = server_limits_pool(exchange);
    DagRemaining remaining = {.starts = rate_limit_remaining(end, "Requests"),
                              .tokens = rate_limit_remaining(end, "Tokens")};

    if (!server_limits_has_rate(pool) ||
        (remaining.starts == UINT32_MAX && remaining.tokens == UINT32_MAX))
        return;
    remaining.at_ns = begin_of_answer(exchange);
    dag_job_lower(exchange->job, pool->name, &remaining);
}
