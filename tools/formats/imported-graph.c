/* SPDX-License-Identifier: MIT */
#include "formats/imported-graph.h"

#include "formats/format.h"

#include <string.h>

static void
task_clear(gpointer data)
{
    ImportedTask *task = data;

    g_free(task->name);
    g_free(task->title);
    g_free(task->command);
    if (task->needs)
        g_array_unref(task->needs);
}

ImportedGraph *
imported_graph_new(void)
{
    ImportedGraph *graph = g_new0(ImportedGraph, 1);

    graph->tasks = g_array_new(FALSE, FALSE, sizeof(ImportedTask));
    g_array_set_clear_func(graph->tasks, task_clear);
    graph->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return graph;
}

void
imported_graph_free(ImportedGraph *graph)
{
    if (!graph)
        return;
    g_free(graph->name);
    g_array_unref(graph->tasks);
    g_hash_table_unref(graph->index);
    g_free(graph);
}

uint32_t
imported_graph_find(const ImportedGraph *graph, const char *name)
{
    gpointer found = g_hash_table_lookup(graph->index, name);

    return found ? (uint32_t)(GPOINTER_TO_SIZE(found) - 1) : IMPORTED_NONE;
}

uint32_t
imported_graph_task(ImportedGraph *graph, const char *name)
{
    ImportedTask task = {.cost = -1};
    uint32_t found = imported_graph_find(graph, name);

    if (found != IMPORTED_NONE)
        return found;
    task.name = g_strdup(name);
    g_array_append_val(graph->tasks, task);
    g_hash_table_insert(graph->index, g_strdup(name), GSIZE_TO_POINTER(graph->tasks->len));
    return graph->tasks->len - 1;
}

ImportedTask *
imported_graph_at(const ImportedGraph *graph, uint32_t task)
{
    return &g_array_index(graph->tasks, ImportedTask, task);
}

void
imported_graph_need(ImportedGraph *graph, uint32_t task, uint32_t needed)
{
    ImportedTask *at = imported_graph_at(graph, task);

    if (!at->needs)
        at->needs = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_append_val(at->needs, needed);
}

/* Return the number of needs of the task. */
static uint32_t
n_needs(const ImportedTask *task)
{
    return task->needs ? task->needs->len : 0;
}

static uint32_t
need_at(const ImportedTask *task, uint32_t i)
{
    return g_array_index(task->needs, uint32_t, i);
}

void
imported_graph_keep(ImportedGraph *graph, const GArray *wanted)
{
    g_autoptr(GArray) kept = g_array_copy((GArray *)wanted);

    for (uint32_t t = 0; t < graph->tasks->len; t++)
        imported_graph_at(graph, t)->is_removed = true;
    for (guint k = 0; k < kept->len; k++) {
        ImportedTask *task = imported_graph_at(graph, g_array_index(kept, uint32_t, k));

        if (task->is_removed && task->needs)
            g_array_append_vals(kept, task->needs->data, task->needs->len);
        task->is_removed = false;
    }
}

/* Return the number of times that each task is needed by one that is not removed; free with g_free(). */
static uint32_t *
count_uses(const ImportedGraph *graph)
{
    uint32_t *uses = g_new0(uint32_t, MAX(graph->tasks->len, 1));

    for (uint32_t t = 0; t < graph->tasks->len; t++) {
        const ImportedTask *task = imported_graph_at(graph, t);

        for (uint32_t i = 0; !task->is_removed && i < n_needs(task); i++)
            uses[need_at(task, i)]++;
    }
    return uses;
}

void
imported_graph_drop_names(ImportedGraph *graph, bool (*is_name)(const ImportedTask *task))
{
    g_autofree uint32_t *uses = count_uses(graph);
    g_autoptr(GArray) unused = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (uint32_t t = 0; t < graph->tasks->len; t++)
        if (uses[t] == 0)
            g_array_append_val(unused, t);
    for (guint k = 0; k < unused->len; k++) {
        uint32_t t = g_array_index(unused, uint32_t, k);
        ImportedTask *task = imported_graph_at(graph, t);

        if (task->is_removed || !is_name(task))
            continue;
        task->is_removed = true;
        for (uint32_t i = 0; i < n_needs(task); i++)
            if (--uses[need_at(task, i)] == 0) {
                uint32_t needed = need_at(task, i);

                g_array_append_val(unused, needed);
            }
    }
}

/* The tasks that need each task, as rows of one array: users[first[t]] to users[first[t + 1] - 1]. */
typedef struct Users {
    uint32_t *first;
    uint32_t *users;
} Users;

static void
users_clear(Users *users)
{
    g_free(users->first);
    g_free(users->users);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Users, users_clear)

static Users
users_of(const ImportedGraph *graph)
{
    uint32_t n = graph->tasks->len;
    Users users = {.first = g_new0(uint32_t, (gsize)n + 2)};

    for (uint32_t t = 0; t < n; t++)
        for (uint32_t i = 0; i < n_needs(imported_graph_at(graph, t)); i++)
            users.first[need_at(imported_graph_at(graph, t), i) + 2]++;
    for (uint32_t t = 2; t < n + 2; t++)
        users.first[t] += users.first[t - 1];
    users.users = g_new0(uint32_t, (gsize)users.first[n + 1] + 1);
    for (uint32_t t = 0; t < n; t++)
        for (uint32_t i = 0; i < n_needs(imported_graph_at(graph, t)); i++)
            users.users[users.first[need_at(imported_graph_at(graph, t), i) + 1]++] = t;
    return users;
}

/* Return for each task the number of its needs that are in a cycle, or depend on one; free with
 * g_free() (Kahn 1962). */
static uint32_t *
settle(const ImportedGraph *graph)
{
    uint32_t n = graph->tasks->len;
    uint32_t *left = g_new0(uint32_t, MAX(n, 1));
    g_auto(Users) users = users_of(graph);
    g_autoptr(GArray) settled = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (uint32_t t = 0; t < n; t++) {
        left[t] = n_needs(imported_graph_at(graph, t));
        if (left[t] == 0)
            g_array_append_val(settled, t);
    }
    for (guint k = 0; k < settled->len; k++) {
        uint32_t t = g_array_index(settled, uint32_t, k);

        for (uint32_t u = users.first[t]; u < users.first[t + 1]; u++)
            if (--left[users.users[u]] == 0)
                g_array_append_val(settled, users.users[u]);
    }
    return left;
}

/* Return a need of the task that is not settled. */
static uint32_t
unsettled_need(const ImportedTask *task, const uint32_t *left)
{
    for (uint32_t i = 0; i < n_needs(task); i++)
        if (left[need_at(task, i)] > 0)
            return need_at(task, i);
    g_assert_not_reached();
}

/* The tasks that the message about a cycle names. */
#define MAX_NAMED 8

bool
imported_graph_check(const ImportedGraph *graph, const ImportText *text, GError **error)
{
    g_autofree uint32_t *left = settle(graph);
    g_autofree bool *seen = g_new0(bool, MAX(graph->tasks->len, 1));
    g_autoptr(GString) cycle = g_string_new(NULL);
    uint32_t start = 0, at;
    int n = 0;

    while (start < graph->tasks->len && left[start] == 0)
        start++;
    if (start == graph->tasks->len)
        return true;
    /* Walk back until a task comes again: it is in a cycle. */
    for (; !seen[start]; start = unsettled_need(imported_graph_at(graph, start), left))
        seen[start] = true;
    at = start;
    do {
        if (++n <= MAX_NAMED)
            g_string_append_printf(cycle, "\"%s\" needs ",
                                   imported_graph_at(graph, at)->name);
        at = unsettled_need(imported_graph_at(graph, at), left);
    } while (at != start);
    if (n > MAX_NAMED)
        g_string_append_printf(cycle, "… (%d more) ", n - MAX_NAMED);
    return import_refuse(text, imported_graph_at(graph, start)->line, error,
                         "the dependencies form a cycle: %s\"%s\"", cycle->str,
                         imported_graph_at(graph, start)->name);
}
