/* SPDX-License-Identifier: MIT */
/*
 * How many predecessors and holds each task still waits for.
 *
 * The count is one byte per task, since the cache lines of these bytes move between the processors
 * with every batch.  The byte wraps around: if a task waits for more than 255 others, `rounds` is
 * the number of times that the byte has to reach 0.
 */
#pragma once

#include "ready/state.h"

#include "model/graph.h"
#include "model/numbers.h"

/* Return a table in which every task waits for its predecessors, and for n_extra[id] holds if
 * `n_extra` is not NULL. */
static inline TaskTable
task_table_of(const DagGraph *graph, const uint32_t *n_extra)
{
    TaskTable table = {.cells = g_new0(TaskCell, graph->n_tasks + 1),
                       .n_undecided = graph->n_tasks,
                       .n_in = {[TASK_WAITING] = graph->n_tasks}};
    uint32_t most = 0;

    for (size_t id = 0; id < graph->n_tasks; id++) {
        uint32_t n =
            graph->first_pred[id + 1] - graph->first_pred[id] + (n_extra ? n_extra[id] : 0);

        table.cells[id] = (TaskCell){.n_left = (uint8_t)n, .status = TASK_WAITING};
        most = MAX(most, n);
    }
    if (most <= UINT8_MAX)
        return table;
    table.rounds = g_new0(uint32_t, graph->n_tasks);
    for (size_t id = 0; id < graph->n_tasks; id++) {
        uint32_t n =
            graph->first_pred[id + 1] - graph->first_pred[id] + (n_extra ? n_extra[id] : 0);

        table.rounds[id] = (n + UINT8_MAX) / 256;
    }
    return table;
}

static inline void
task_table_clear(TaskTable *table)
{
    g_free(table->cells);
    g_free(table->rounds);
}

/* Return whether the task waits for nothing. */
static inline bool
countdown_is_over(const TaskTable *table, DagTaskId id)
{
    return table->cells[id].n_left == 0 && (!table->rounds || table->rounds[id] == 0);
}

/* Return whether the task waits for exactly one other. */
static inline bool
countdown_is_last(const TaskTable *table, DagTaskId id)
{
    return table->cells[id].n_left == 1 && (!table->rounds || table->rounds[id] == 1);
}

/* Decrement the count.  Return true if the task waits for nothing any more. */
static inline bool
countdown_tick(TaskTable *table, DagTaskId id)
{
    if (--table->cells[id].n_left > 0)
        return false;
    return !table->rounds || --table->rounds[id] == 0;
}

/* Undo countdown_tick(). */
static inline void
countdown_untick(TaskTable *table, DagTaskId id)
{
    if (table->cells[id].n_left++ == 0 && table->rounds)
        table->rounds[id]++;
}

/* Decrement the counts of all successors of ids[n].  Append the successors that wait for nothing
 * any more to `freed`. */
static inline void
countdown_release(TaskTable *table, const DagGraph *graph, const DagTaskId *ids, size_t n,
                  DagNumbers *freed)
{
    TaskCell *cells = table->cells;

    for (size_t i = 0; i < n; i++) {
        DagIds succs = dag__successors(graph, ids[i]);

        dag__numbers_reserve(freed, succs.n);
        if (table->rounds) {
            for (size_t s = 0; s < succs.n; s++)
                if (countdown_tick(table, succs.ids[s]))
                    freed->items[freed->n++] = succs.ids[s];
            continue;
        }
        /* No branch here: the processor would mispredict it. */
        DagTaskId *items = freed->items;
        uint32_t n_freed = freed->n;

        for (size_t s = 0; s < succs.n; s++) {
            DagTaskId id = succs.ids[s];

            items[n_freed] = id;
            n_freed += --cells[id].n_left == 0;
        }
        freed->n = n_freed;
    }
}
