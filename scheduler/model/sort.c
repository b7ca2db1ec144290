/* SPDX-License-Identifier: MIT */
/*
 * Topological order (Kahn, 1962), or a cycle if there is no such order.
 *
 * Most authors write a task after those that it needs.  Then the order of declaration is
 * topological and is kept.
 */
#include "model/builder.h"

/* The successors of each task as rows, by number of the task. */
typedef struct Rows {
    uint32_t *first; /* [n + 1] */
    uint32_t *items;
} Rows;

/* Return the task at the end of an edge, or DAG_TASK_NONE. */
static uint32_t
edge_task(const DagBuilder *builder, uint32_t edge)
{
    const Name *name = name_at(builder, edge_name(edge_at(builder, edge)));

    return name->kind == NAME_TASK ? name->target : DAG_TASK_NONE;
}

static bool
is_sorted(const DagBuilder *builder)
{
    for (uint32_t task = 0; task < builder->tasks->len; task++)
        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
            uint32_t other = edge_task(builder, e);

            if (other != DAG_TASK_NONE && other >= task)
                return false;
        }
    return true;
}

/* Sort the edges by the task they come from (counting sort). */
static Rows
successors(const DagBuilder *builder)
{
    uint32_t n = builder->tasks->len;
    Rows rows = {g_new0(uint32_t, n + 2), g_new(uint32_t, builder->edges.n)};

    for (uint32_t e = 0; e < builder->edges.n; e++) {
        uint32_t from = edge_task(builder, e);

        if (from != DAG_TASK_NONE)
            rows.first[from + 2]++;
    }
    for (uint32_t i = 2; i < n + 2; i++)
        rows.first[i] += rows.first[i - 1];
    for (uint32_t task = 0; task < n; task++)
        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
            uint32_t from = edge_task(builder, e);

            if (from != DAG_TASK_NONE)
                rows.items[rows.first[from + 1]++] = task;
        }
    return rows;
}

/* Fill waiting_out[n] with the number of predecessors of each task. */
static void
count_predecessors(const DagBuilder *builder, uint32_t *waiting_out)
{
    for (uint32_t task = 0; task < builder->tasks->len; task++) {
        waiting_out[task] = 0;
        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++)
            waiting_out[task] += edge_task(builder, e) != DAG_TASK_NONE;
    }
}

/* Fill order_out.  Return the number of tasks in it, fewer than all if there is a cycle: tasks that
 * still wait are on a cycle or after one. */
static uint32_t
kahn(const DagBuilder *builder, uint32_t *waiting, uint32_t *order_out)
{
    Rows rows = successors(builder);
    uint32_t n_ready = 0;

    for (uint32_t task = 0; task < builder->tasks->len; task++)
        if (waiting[task] == 0)
            order_out[n_ready++] = task;
    for (uint32_t i = 0; i < n_ready; i++) {
        uint32_t task = order_out[i];

        for (uint32_t s = rows.first[task]; s < rows.first[task + 1]; s++)
            if (--waiting[rows.items[s]] == 0)
                order_out[n_ready++] = rows.items[s];
    }
    g_free(rows.first);
    g_free(rows.items);
    return n_ready;
}

/* Return a predecessor of `task` that still waits; each waiting task has one. */
static uint32_t
waiting_predecessor(const DagBuilder *builder, const uint32_t *waiting, uint32_t task)
{
    for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
        uint32_t other = edge_task(builder, e);

        if (other != DAG_TASK_NONE && waiting[other] > 0)
            return other;
    }
    g_assert_not_reached();
}

/* Walk backwards from a waiting task until one repeats: from there on the walk is a cycle.
 * Returns: its tasks; each needs the one before; the first declared is first. */
static GArray *
find_cycle(const DagBuilder *builder, const uint32_t *waiting)
{
    uint32_t n = builder->tasks->len, task = 0, length = 0, first = 0;
    g_autofree uint32_t *step_of = g_new0(uint32_t, n);
    g_autofree uint32_t *walk = g_new(uint32_t, n + 1);
    GArray *cycle = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    while (waiting[task] == 0)
        task++;
    while (step_of[task] == 0) {
        walk[length++] = task;
        step_of[task] = length;
        task = waiting_predecessor(builder, waiting, task);
    }

    uint32_t start = step_of[task] - 1, size = length - start;

    for (uint32_t i = 0; i < size; i++)
        if (walk[start + i] < walk[start + first])
            first = i;
    for (uint32_t i = 0; i < size; i++)
        g_array_append_val(cycle, walk[start + (first + size - i) % size]);
    return cycle;
}

#define MAX_SPELLED 50 /* tasks of a cycle: enough to understand it */

static void
complain_of_cycle(DagBuilder *builder, const uint32_t *waiting)
{
    g_autoptr(GArray) cycle = find_cycle(builder, waiting);
    g_autoptr(GString) text = g_string_new("dependency cycle: ");
    const DagTask *first = task_at(builder, g_array_index(cycle, uint32_t, 0));
    DagLocation location = dag__builder_location(builder, first->spot);

    for (unsigned i = 0; i < MIN(cycle->len, MAX_SPELLED); i++) {
        const DagTask *task = task_at(builder, g_array_index(cycle, uint32_t, i));

        g_string_append(text, task->name);
        if (task->spot.line > 0) {
            g_string_append(text, " (");
            dag__builder_cite(builder, task->spot, location.file, text);
            g_string_append_c(text, ')');
        }
        g_string_append(text, " → ");
    }
    if (cycle->len > MAX_SPELLED)
        g_string_append_printf(text, "… %u more → ", cycle->len - MAX_SPELLED);
    g_string_append(text, first->name);
    dag_builder_complain(builder, location, "%s", text->str);
}

bool
dag__builder_sort(DagBuilder *builder, uint32_t *order_out)
{
    uint32_t n = builder->tasks->len;

    if (is_sorted(builder)) {
        for (uint32_t task = 0; task < n; task++)
            order_out[task] = task;
        return true;
    }

    g_autofree uint32_t *waiting = g_new(uint32_t, n);

    count_predecessors(builder, waiting);
    if (kahn(builder, waiting, order_out) == n)
        return true;
    complain_of_cycle(builder, waiting);
    return false;
}
