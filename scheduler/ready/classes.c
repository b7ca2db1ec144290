/* SPDX-License-Identifier: MIT */
/*
 * The graph keeps one array for all tasks with equal uses, so a class is found by the address of
 * that array and by the unit.
 */
#include "ready/classes.h"

/* Return the number of the class; add the class if it is new. */
static uint32_t
class_number(GHashTable *numbers, GArray *classes, TaskClass found)
{
    /* Arrays of uses are aligned, so the lowest bit is free for the unit. */
    gpointer key =
        GSIZE_TO_POINTER((gsize)found.uses | (found.unit == DAG_OCCUPIES_CONNECTION));
    gpointer number;

    if (g_hash_table_lookup_extended(numbers, key, NULL, &number))
        return GPOINTER_TO_UINT(number);
    g_hash_table_insert(numbers, key, GUINT_TO_POINTER(classes->len));
    g_array_append_val(classes, found);
    return classes->len - 1;
}

/* Return the needs of a task. */
static TaskClass
needs_of(const DagGraph *graph, DagTaskId id)
{
    TaskClass needs = {.unit = dag_graph_task_kind(graph, id)->occupies};

    needs.uses = dag_graph_task_uses(graph, id, &needs.n_uses);
    return needs;
}

static bool
is_same(TaskClass a, TaskClass b)
{
    return a.unit == b.unit && a.uses == b.uses;
}

TaskClasses
dag__task_classes_of(const DagGraph *graph)
{
    size_t n_tasks = dag_graph_n_tasks(graph);
    TaskClasses result = {0};
    GArray *classes = g_array_new(FALSE, FALSE, sizeof(TaskClass));
    GHashTable *numbers = g_hash_table_new(NULL, NULL);
    uint32_t last = 0;

    for (DagTaskId id = 0; id < n_tasks; id++) {
        TaskClass needs = needs_of(graph, id);

        if (classes->len == 0 || !is_same(needs, g_array_index(classes, TaskClass, last)))
            last = class_number(numbers, classes, needs);
        if (last > 0 && !result.class_of)
            result.class_of = g_new0(uint32_t, n_tasks); /* all before are of class 0 */
        if (result.class_of)
            result.class_of[id] = last;
    }
    if (n_tasks == 0) {
        TaskClass worker = {.unit = DAG_OCCUPIES_WORKER};

        g_array_append_val(classes, worker); /* there is at least one class */
    }
    result.n = classes->len;
    result.classes = (TaskClass *)(void *)g_array_free(classes, FALSE);
    g_hash_table_unref(numbers);
    return result;
}

void
dag__task_classes_clear(TaskClasses *classes)
{
    g_free(classes->classes);
    g_free(classes->class_of);
}
