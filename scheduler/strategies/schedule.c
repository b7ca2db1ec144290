/* SPDX-License-Identifier: MIT */
/*
 * Schedules, the results of strategies that search.
 */
#include <dagrun/strategy.h>

void
dag_schedule_clear(DagSchedule *schedule)
{
    g_return_if_fail(schedule);
    g_clear_pointer(&schedule->order, g_free);
    g_clear_pointer(&schedule->holds, g_free);
    schedule->n_holds = 0;
}

/* Fill turn_out[n_tasks] with the place of each task in the order.  Returns: false if the order
 * does not name every task once. */
static bool
number_turns(const DagSchedule *schedule, size_t n, uint32_t *turn_out)
{
    for (size_t id = 0; id < n; id++)
        turn_out[id] = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        DagTaskId id = schedule->order[i];

        if (id >= n || turn_out[id] != UINT32_MAX)
            return false;
        turn_out[id] = i;
    }
    return true;
}

bool
dag_schedule_is_valid(const DagSchedule *schedule, const DagGraph *graph)
{
    g_return_val_if_fail(schedule && graph, false);

    size_t n = dag_graph_n_tasks(graph);
    g_autofree uint32_t *turn = g_new(uint32_t, n + 1);

    if ((!schedule->order && n > 0) || !number_turns(schedule, n, turn))
        return false;
    for (DagTaskId id = 0; id < n; id++) {
        DagIds preds = dag_graph_predecessors(graph, id);

        for (size_t p = 0; p < preds.n; p++)
            if (turn[preds.ids[p]] > turn[id])
                return false;
    }
    for (size_t i = 0; i < schedule->n_holds; i++) {
        DagHold hold = schedule->holds[i];

        if (hold.task >= n || hold.after >= n || turn[hold.after] >= turn[hold.task])
            return false;
    }
    return true;
}
