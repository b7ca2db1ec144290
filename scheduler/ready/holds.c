/* SPDX-License-Identifier: MIT */
/*
 * A counting sort of the holds by the task that they wait for.
 */
#include "ready/holds.h"

Holds
dag__holds_of(const DagHold *holds, size_t n, size_t n_tasks)
{
    Holds rows = {0};

    if (n == 0)
        return rows;
    rows.first = g_new0(uint32_t, n_tasks + 2);
    rows.held = g_new(DagTaskId, n);
    rows.n_of = g_new0(uint32_t, n_tasks);
    for (size_t i = 0; i < n; i++) {
        rows.first[holds[i].after + 2]++;
        rows.n_of[holds[i].task]++;
    }
    for (size_t id = 0; id < n_tasks; id++)
        rows.first[id + 2] += rows.first[id + 1];
    for (size_t i = 0; i < n; i++)
        rows.held[rows.first[holds[i].after + 1]++] = holds[i].task;
    return rows;
}

void
dag__holds_clear(Holds *holds)
{
    g_free(holds->first);
    g_free(holds->held);
    g_free(holds->n_of);
}
