/* SPDX-License-Identifier: MIT */
/*
 * The dry run: a driver that runs nothing.  Every task succeeds at once.
 */
#include <dagrun/execute.h>

#include "ready/ready-set.h"

void
dag_execute_order(const DagPlan *plan, const DagStrategy *strategy, uint64_t seed,
                  DagTaskId *order_out)
{
    static const DagOccupies units[] = {DAG_OCCUPIES_WORKER, DAG_OCCUPIES_CONNECTION};

    g_return_if_fail(plan && (order_out || dag_graph_n_tasks(dag_plan_graph(plan)) == 0));

    ReadySet *ready = dag__ready_set_new(
        plan, &(ReadyOptions){.strategy = strategy ? strategy : dag_strategies()[0],
                              .machine = {.n_workers = 1, .n_connections = 1},
                              .seed = seed});
    int64_t now_ns = 0;
    size_t n_started;

    dag__ready_begin(ready);
    do {
        n_started = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
            DagTaskId id = dag__ready_next(ready, units[i], now_ns);

            if (id == DAG_TASK_NONE)
                continue;
            dag__ready_end(ready, id, DAG_SUCCEEDED);
            *order_out++ = id;
            n_started++;
        }
        if (n_started == 0)
            now_ns = dag__ready_next_ns(ready); /* the next token of a rate */
    } while (n_started > 0 || now_ns != INT64_MAX);
    dag__ready_set_free(ready);
}
