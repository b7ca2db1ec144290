/* SPDX-License-Identifier: MIT */
/*
 * Runs of small graphs in XML, each in a new directory.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/execute.h>
#include <dagrun/load.h>
#include <dagrun/tasks.h>

typedef struct RunOptions {
    const char *strategy; /* NULL: dataflow */
    unsigned n_workers;   /* 0: 2 */
    bool keep_going;
    DagTasks *tasks;           /* NULL: the run's own, which ends leftovers */
    DagCancel *cancel;         /* or NULL */
    const DagSetting *setting; /* or NULL */
    bool unobserved;
    const char *directory;   /* NULL: a new one, which is removed with the run */
    const DagMemory *memory; /* or NULL */
    void (*on_event)(const DagEvent *event, void *data); /* or NULL */
    void *data;
} RunOptions;

/* The result of a run. */
typedef struct RunOf {
    char *directory; /* contains graph.xml */
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
    bool is_borrowed; /* the directory is that of the options */
    GHashTable *said; /* of task name to GBytes: its transcript */
} RunOf;

/*
 * Load and execute `<graph>declarations</graph>`; `options` may be NULL.  The declarations must be
 * valid, and the run is checked with dag_verify().  Processes that tasks left running are not ended if `options->tasks` is given.
 */
RunOf *run_of(const char *declarations, const RunOptions *options);
void run_of_free(RunOf *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunOf, run_of_free)

/* Returns: the content of the spool, which must be complete, followed by a NUL; free with
 * g_bytes_unref(). */
GBytes *bytes_of_spool(const DagSpool *spool);

/* Returns: the transcript of the task, output and errors; "" if empty.  Borrowed. */
const char *run_of_said(const RunOf *run, const char *task);

/* Assert that all tasks succeeded; print the failed task and the reason. */
void assert_succeeded(const RunOf *run);

/* Assert that the task succeeded, and its transcript. */
void assert_said(const RunOf *run, const char *task, const char *expected);

/* Assert that the task failed, and the reason. */
void assert_failed(const RunOf *run, const char *task, const char *reason);

/* Assert the outcome of a task. */
void assert_outcome(const RunOf *run, const char *task, DagOutcome outcome);
