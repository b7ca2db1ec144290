/* SPDX-License-Identifier: MIT */
/*
 * Topological order (Kahn, 1962), or the cycles if there is no such order.
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

/*
 * The strongly connected components of the tasks that still wait (Tarjan, 1972), without recursion.
 * Tasks of one component depend on each other.
 */
typedef struct Components {
    const DagBuilder *builder;
    const uint32_t *waiting;
    uint32_t *number;    /* [n]: in order of the visit, from 1; 0: not visited */
    uint32_t *low;       /* [n]: the smallest number that can be reached */
    uint32_t *component; /* [n]: from 1; 0: none yet */
    uint32_t *open;      /* [n_open]: tasks without a component, in order of the visit */
    uint32_t *path;      /* [n_path]: from the first task of the visit to the present one */
    uint32_t *next_edge; /* [n]: the edge at which a task on the path goes on */
    uint32_t n_open, n_path, n_numbers, n_components;
} Components;

static void
visit(Components *it, uint32_t task)
{
    it->number[task] = it->low[task] = ++it->n_numbers;
    it->next_edge[task] = first_edge(it->builder, task);
    it->open[it->n_open++] = task;
    it->path[it->n_path++] = task;
}

/* Give the open tasks from `task` on a component, if they are one. */
static void
close_component(Components *it, uint32_t task)
{
    uint32_t last;

    if (it->low[task] != it->number[task])
        return;
    it->n_components++;
    do {
        last = it->open[--it->n_open];
        it->component[last] = it->n_components;
    } while (last != task);
}

/* Follow the next edge of the last task on the path, or leave it. */
static void
step(Components *it)
{
    uint32_t task = it->path[it->n_path - 1], pred;

    if (it->next_edge[task] == edges_end(it->builder, task)) {
        it->n_path--;
        close_component(it, task);
        if (it->n_path > 0) {
            uint32_t before = it->path[it->n_path - 1];

            it->low[before] = MIN(it->low[before], it->low[task]);
        }
        return;
    }
    pred = edge_task(it->builder, it->next_edge[task]++);
    if (pred == DAG_TASK_NONE || it->waiting[pred] == 0)
        return;
    if (it->number[pred] == 0)
        visit(it, pred);
    else if (it->component[pred] == 0)
        it->low[task] = MIN(it->low[task], it->number[pred]);
}

/* Return the component of each task; free with g_free(). */
static uint32_t *
find_components(const DagBuilder *builder, const uint32_t *waiting)
{
    uint32_t n = builder->tasks->len;
    Components it = {.builder = builder, .waiting = waiting};
    g_autofree uint32_t *memory = g_new0(uint32_t, 5 * (size_t)n);

    it.component = g_new0(uint32_t, n);
    it.number = memory;
    it.low = memory + n;
    it.open = memory + 2 * (size_t)n;
    it.path = memory + 3 * (size_t)n;
    it.next_edge = memory + 4 * (size_t)n;
    for (uint32_t task = 0; task < n; task++) {
        if (waiting[task] > 0 && it.number[task] == 0)
            visit(&it, task);
        while (it.n_path > 0)
            step(&it);
    }
    return it.component;
}

/*
 * Find a shortest cycle through `first` within its component, by breadth-first search over the
 * predecessors.  Returns: its tasks; each needs the one before; `first` is first.  Empty if there
 * is no cycle.
 */
static GArray *
find_cycle(const DagBuilder *builder, const uint32_t *component, uint32_t first,
           uint32_t *successor /* [n], all DAG_TASK_NONE; left so */)
{
    GArray *cycle = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    bool is_found = false;

    g_array_append_val(queue, first);
    for (guint i = 0; i < queue->len && !is_found; i++) {
        uint32_t task = g_array_index(queue, uint32_t, i);

        for (uint32_t e = first_edge(builder, task); e < edges_end(builder, task); e++) {
            uint32_t pred = edge_task(builder, e);

            if (pred == DAG_TASK_NONE || component[pred] != component[first] ||
                successor[pred] != DAG_TASK_NONE)
                continue;
            successor[pred] = task;
            g_array_append_val(queue, pred);
            is_found = is_found || pred == first;
        }
    }
    if (is_found) {
        uint32_t task = first;

        do {
            g_array_append_val(cycle, task);
            task = successor[task];
        } while (task != first);
    }
    for (guint i = 0; i < queue->len; i++)
        successor[g_array_index(queue, uint32_t, i)] = DAG_TASK_NONE;
    return cycle;
}

#define MAX_SPELLED 50 /* tasks of a cycle: enough to understand it */

static void
complain_of_cycle(DagBuilder *builder, const GArray *cycle)
{
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

/* Complain of a cycle in each component that has one. */
static void
complain_of_cycles(DagBuilder *builder, const uint32_t *waiting)
{
    uint32_t n = builder->tasks->len;
    g_autofree uint32_t *component = find_components(builder, waiting);
    g_autofree uint32_t *successor = g_new(uint32_t, n);
    g_autofree bool *is_done = g_new0(bool, (size_t)n + 1); /* by component */

    for (uint32_t task = 0; task < n; task++)
        successor[task] = DAG_TASK_NONE;
    for (uint32_t task = 0; task < n && !dag_builder_is_hopeless(builder); task++) {
        g_autoptr(GArray) cycle = NULL;

        if (component[task] == 0 || is_done[component[task]])
            continue;
        is_done[component[task]] = true;
        cycle = find_cycle(builder, component, task, successor);
        if (cycle->len > 0)
            complain_of_cycle(builder, cycle);
    }
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
    complain_of_cycles(builder, waiting);
    return false;
}
