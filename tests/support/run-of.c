/* SPDX-License-Identifier: MIT */
#include "run-of.h"

#include "verified.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

typedef struct Listener {
    RunOf *run;
    const RunOptions *options;
} Listener;

/* A DagSpoolTaker. */
static bool
append(const char *bytes, uint64_t size, void *data)
{
    g_assert_nonnull(bytes); /* nothing is lost */
    g_string_append_len(data, bytes, (gssize)size);
    return true;
}

GBytes *
bytes_of_spool(const DagSpool *spool)
{
    GString *text = g_string_new(NULL);

    g_assert_cmpint(dag_spool_read(spool, append, text), ==, 0);
    g_assert_cmpuint(text->len, ==, dag_spool_size(spool));
    return g_string_free_to_bytes(text); /* followed by a NUL */
}

static void
listen(const DagEvent *event, void *data)
{
    Listener *listener = data;
    const DagGraph *graph = listener->run->graph;

    if (event->transcript)
        g_hash_table_insert(listener->run->said,
                            (gpointer)dag_graph_task_name(graph, event->task),
                            bytes_of_spool(event->transcript));
    if (listener->options->on_event)
        listener->options->on_event(event, listener->options->data);
}

static void
load(RunOf *run, const char *declarations, const RunOptions *options)
{
    g_autofree char *path = g_build_filename(run->directory, "graph.xml", NULL);
    g_autofree char *text = g_strdup_printf(
        "<graph xmlns=\"urn:dagrun:graph:1\">\n%s\n</graph>\n", declarations);
    g_autoptr(GError) error = NULL;

    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    run->graph = dag_load_file(path,
                               &(DagLoadOptions){.kinds = dag_tasks_kinds(),
                                                 .settings = options->setting,
                                                 .n_settings = options->setting != NULL},
                               &error);
    g_assert_no_error(error);
}

RunOf *
run_of(const char *declarations, const RunOptions *options)
{
    static const RunOptions defaults;
    RunOf *run = g_new0(RunOf, 1);
    Listener listener = {run, options ? options : &defaults};
    DagObserver observer = {.notify = listen, .data = &listener};
    DagOpenEngine engine = {dag_tasks_engine(), listener.options->tasks};
    g_autoptr(GError) error = NULL;

    options = listener.options;
    run->is_borrowed = options->directory != NULL;
    run->directory = options->directory ? g_strdup(options->directory)
                                        : g_dir_make_tmp("dagrun-test-XXXXXX", &error);
    g_assert_no_error(error);
    run->said =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_bytes_unref);
    load(run, declarations, options);
    run->plan = dag_plan_new(run->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    run->run = dag_execute(run->plan,
                           &(DagExecuteOptions){
                               .strategy = dag_strategy_find(
                                   options->strategy ? options->strategy : "dataflow"),
                               .n_workers = options->n_workers ? options->n_workers : 2,
                               .keep_going = options->keep_going,
                               .cancel = options->cancel,
                               .observers = &observer,
                               .n_observers = !options->unobserved,
                               .engines = &engine,
                               .n_engines = options->tasks != NULL,
                               .memory = options->memory,
                           },
                           &error);
    g_assert_no_error(error);
    assert_verified(run->run);
    return run;
}

static int
remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void
run_of_free(RunOf *run)
{
    if (!run)
        return;
    dag_run_free(run->run);
    dag_plan_free(run->plan);
    g_hash_table_unref(run->said);
    dag_graph_free(run->graph);
    if (!run->is_borrowed)
        nftw(run->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    g_free(run->directory);
    g_free(run);
}

const char *
run_of_said(const RunOf *run, const char *task)
{
    GBytes *said = g_hash_table_lookup(run->said, task);

    return said ? g_bytes_get_data(said, NULL) : "";
}

static DagTaskId
find(const RunOf *run, const char *task)
{
    DagTaskId id = dag_graph_find(run->graph, task);

    if (id == DAG_TASK_NONE)
        g_error("no task \"%s\"", task);
    return id;
}

void
assert_outcome(const RunOf *run, const char *task, DagOutcome outcome)
{
    DagTaskId id = find(run, task);
    DagOutcome got = dag_run_record(run->run, id).outcome;
    const char *reason = dag_run_reason(run->run, id);

    if (got != outcome)
        g_error("task \"%s\" is %s, not %s: %s\n%s", task, dag_outcome_name(got),
                dag_outcome_name(outcome), reason ? reason : "", run_of_said(run, task));
}

void
assert_succeeded(const RunOf *run)
{
    for (DagTaskId id = 0; id < dag_graph_n_tasks(run->graph); id++)
        assert_outcome(run, dag_graph_task_name(run->graph, id), DAG_SUCCEEDED);
    g_assert_true(dag_run_succeeded(run->run));
}

void
assert_said(const RunOf *run, const char *task, const char *expected)
{
    assert_outcome(run, task, DAG_SUCCEEDED);
    g_assert_cmpstr(run_of_said(run, task), ==, expected);
}

void
assert_failed(const RunOf *run, const char *task, const char *reason)
{
    assert_outcome(run, task, DAG_FAILED);
    g_assert_cmpstr(dag_run_reason(run->run, find(run, task)), ==, reason);
}
