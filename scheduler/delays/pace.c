/* SPDX-License-Identifier: MIT */
/*
 * The rule is that of virtual scheduling (ITU-T I.371): each start moves the time at which the next one
 * would be due by one interval, and a start may be earlier than that by the intervals of the burst.
 */
#include "delays/pace.h"

#include <math.h>

typedef struct Start {
    int64_t ns;
    int64_t allowed_ns;
    DagTaskId task;
} Start;

Pace
dag__pace_new(const DagPool *pool)
{
    return (Pace){pool, g_array_new(FALSE, FALSE, sizeof(Start))};
}

void
dag__pace_clear(Pace *pace)
{
    g_array_unref(pace->starts);
}

void
dag__pace_add(Pace *pace, DagTaskId task, int64_t start_ns)
{
    Start start = {start_ns, 0, task};

    g_array_append_val(pace->starts, start);
}

static int
compare_starts(gconstpointer a, gconstpointer b)
{
    const Start *x = a, *y = b;

    if (x->ns != y->ns)
        return x->ns < y->ns ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

void
dag__pace_finish(Pace *pace)
{
    double interval_ns = (double)pace->pool->rate.period_ns / pace->pool->rate.count;
    double due_ns = 0;

    g_array_sort(pace->starts, compare_starts);
    for (guint i = 0; i < pace->starts->len; i++) {
        Start *start = &g_array_index(pace->starts, Start, i);
        double allowed_ns = ceil(due_ns - (pace->pool->burst - 1.0) * interval_ns);

        /* A start cannot have been allowed later than it was. */
        start->allowed_ns = allowed_ns <= 0                   ? 0
                            : allowed_ns >= (double)start->ns ? start->ns
                                                              : (int64_t)allowed_ns;
        due_ns = MAX(due_ns, (double)start->ns) + interval_ns;
    }
}

DagTaskId
dag__pace_allowed(const Pace *pace, int64_t start_ns, DagTaskId task, int64_t *ns_out)
{
    Start wanted = {start_ns, 0, task};
    guint i;

    if (!g_array_binary_search(pace->starts, &wanted, compare_starts, &i) || i == 0)
        return DAG_TASK_NONE;
    *ns_out = g_array_index(pace->starts, Start, i).allowed_ns;
    return g_array_index(pace->starts, Start, i - 1).task;
}
