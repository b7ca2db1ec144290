/* SPDX-License-Identifier: MIT */
#include "commands/stored.h"

#include "commands/command.h"
#include "commands/store-options.h"

#include <dagrun/suggest.h>
#include <string.h>

/* Return the path of a stored graph that is near: one with the same file name, which may have moved, or with a
 * similar path.  Free it with g_free(). */
static char *
find_near(const GPtrArray *runs, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    DagSuggestion near = dag_suggestion(path);

    for (guint i = 0; i < runs->len; i++) {
        const DagStoredRun *run = g_ptr_array_index(runs, i);
        g_autofree char *other = g_path_get_basename(run->path);

        if (strcmp(name, other) == 0)
            return g_strdup(run->path);
        dag_suggestion_consider(&near, run->path);
    }
    return g_strdup(near.best);
}

void
stored_complain_of_graph(DagStore *store, const char *name, const char *path)
{
    g_autoptr(GPtrArray) runs = dag_store_runs(store, NULL, NULL);
    g_autofree char *near = runs ? find_near(runs, path) : NULL;

    if (near)
        complain("no run of \"%s\" is stored; did you mean \"%s\"?", name, near);
    else
        complain("no run of \"%s\" is stored", name);
}

/* Return the number of the newest run of a graph; 0: there is none, or with an error. */
static int64_t
newest_of(DagStore *store, const char *path, GError **error)
{
    g_autoptr(GPtrArray) runs = dag_store_runs(store, path, error);
    const DagStoredRun *run = runs && runs->len > 0 ? g_ptr_array_index(runs, 0) : NULL;

    return run ? run->id : 0;
}

/* Find the number of a run; 0: the newest.  Returns: -1 after an error message. */
static int64_t
find_number(DagStore *store, const char *word, GError **error)
{
    guint64 number;
    int64_t newest;
    g_autofree char *path = NULL;

    if (!word || strcmp(word, "last") == 0)
        return 0;
    if (g_ascii_string_to_unsigned(word, 10, 1, G_MAXINT64, &number, NULL))
        return (int64_t)number;
    path = store_graph_path(word);
    newest = newest_of(store, path, error);
    if (newest > 0)
        return newest;
    if (*error)
        return -1;
    if (strchr(word, '.') || strchr(word, '/'))
        stored_complain_of_graph(store, word, path);
    else
        complain("there is no run \"%s\": runs have numbers, see dagrun history", word);
    return -1;
}

DagStoredRun *
stored_find_run(DagStore *store, const char *word, int *status_out)
{
    GError *error = NULL;
    int64_t number = find_number(store, word, &error);
    DagStoredRun *run = number >= 0 ? dag_store_run(store, number, &error) : NULL;
    g_autoptr(DagStoredRun) newest = NULL;

    *status_out = EXIT_USAGE;
    if (error) {
        g_clear_pointer(&run, dag_stored_run_free);
        *status_out = complain_of(error);
    } else if (!run && number >= 0) {
        newest = dag_store_run(store, 0, NULL);
        if (newest)
            complain("there is no run %s; the newest is %" G_GINT64_FORMAT, word,
                     newest->id);
        else
            complain("no run is stored yet");
    }
    return run;
}

const DagStoredTask *
stored_task_called(const GPtrArray *tasks, const char *name)
{
    for (guint i = 0; i < tasks->len; i++) {
        const DagStoredTask *task = g_ptr_array_index(tasks, i);

        if (strcmp(task->name, name) == 0)
            return task;
    }
    return NULL;
}

const DagStoredTask *
stored_find_task(const DagStoredRun *run, const GPtrArray *tasks, const char *name)
{
    const DagStoredTask *task = stored_task_called(tasks, name);
    DagSuggestion near = dag_suggestion(name);
    g_autofree char *hint = NULL;

    if (task)
        return task;
    for (guint i = 0; i < tasks->len; i++)
        dag_suggestion_consider(&near,
                                ((const DagStoredTask *)g_ptr_array_index(tasks, i))->name);
    hint = dag_suggestion_text(&near);
    complain("run %" G_GINT64_FORMAT " has no task \"%s\"%s", run->id, name, hint);
    return NULL;
}
