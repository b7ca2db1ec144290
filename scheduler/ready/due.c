/* SPDX-License-Identifier: MIT */
/*
 * One sorted sequence per class of tasks.  Few tasks are due at once, so a look-up may take
 * O(log n).
 */
#include "ready/due.h"

struct DueTasks {
    const DagGraph *graph;
    const TaskClasses *classes;
    GSequence **tasks; /* [n_classes], of DagTaskId; NULL: none was due yet */
    /* DagTaskId to its position in the order of arrival, also of tasks that were taken.  It is
     * below 0 for tasks that were put back. */
    GHashTable *arrivals;
    int32_t last;  /* position of the last arrival */
    int32_t first; /* position of the last task that was put back */
};

DueTasks *
dag__due_new(const DagGraph *graph, const TaskClasses *classes)
{
    DueTasks *due = g_new0(DueTasks, 1);

    due->graph = graph;
    due->classes = classes;
    due->tasks = g_new0(GSequence *, classes->n);
    due->arrivals = g_hash_table_new(NULL, NULL);
    return due;
}

void
dag__due_free(DueTasks *due)
{
    if (!due)
        return;
    for (uint32_t i = 0; i < due->classes->n; i++)
        g_clear_pointer(&due->tasks[i], g_sequence_free);
    g_free(due->tasks);
    g_hash_table_unref(due->arrivals);
    g_free(due);
}

static int
arrival_of(const DueTasks *due, DagTaskId id)
{
    return GPOINTER_TO_INT(g_hash_table_lookup(due->arrivals, GUINT_TO_POINTER(id)));
}

bool
dag__due_goes_before(const DueTasks *due, DagTaskId id, DagTaskId other)
{
    int32_t priority = dag_graph_task_priority(due->graph, id);
    int32_t other_priority = dag_graph_task_priority(due->graph, other);

    if (priority != other_priority)
        return priority > other_priority;
    return arrival_of(due, id) < arrival_of(due, other);
}

static int
compare_tasks(gconstpointer a, gconstpointer b, gpointer due)
{
    DagTaskId x = GPOINTER_TO_UINT(a), y = GPOINTER_TO_UINT(b);

    return x == y ? 0 : dag__due_goes_before(due, x, y) ? -1 : 1;
}

static void
insert(DueTasks *due, DagTaskId id, int32_t arrival)
{
    GSequence **tasks = &due->tasks[task_class_of(due->classes, id)];

    if (!*tasks)
        *tasks = g_sequence_new(NULL);
    g_hash_table_insert(due->arrivals, GUINT_TO_POINTER(id), GINT_TO_POINTER(arrival));
    g_sequence_insert_sorted(*tasks, GUINT_TO_POINTER(id), compare_tasks, due);
}

void
dag__due_put(DueTasks *due, DagTaskId id)
{
    insert(due, id, ++due->last);
}

void
dag__due_put_back(DueTasks *due, DagTaskId id)
{
    insert(due, id, --due->first);
}

bool
dag__due_has_seen(const DueTasks *due, DagTaskId id)
{
    return g_hash_table_contains(due->arrivals, GUINT_TO_POINTER(id));
}

size_t
dag__due_length(const DueTasks *due, uint32_t class_id)
{
    GSequence *tasks = due->tasks[class_id];

    return tasks ? (size_t)g_sequence_get_length(tasks) : 0;
}

DagTaskId
dag__due_first(const DueTasks *due, uint32_t class_id)
{
    return GPOINTER_TO_UINT(
        g_sequence_get(g_sequence_get_begin_iter(due->tasks[class_id])));
}

DagTaskId
dag__due_take(DueTasks *due, uint32_t class_id)
{
    DagTaskId id = dag__due_first(due, class_id);

    g_sequence_remove(g_sequence_get_begin_iter(due->tasks[class_id]));
    return id;
}
