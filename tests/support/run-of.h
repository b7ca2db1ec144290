/* SPDX-License-Identifier: MIT */
/*
 * Runs of small graphs written in XML, in an empty directory of their own.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/execute.h>
#include <dagrun/load.h>

typedef struct RunOptions {
    const char *strategy; /* NULL: dataflow */
    unsigned n_workers;   /* 0: 2 */
    bool keep_going;
    DagCancel *cancel;         /* or NULL */
    const DagSetting *setting; /* or NULL */
    bool unobserved;
    void (*on_event)(const DagEvent *event, void *data); /* or NULL */
    void *data;
} RunOptions;

/* What came of it. */
typedef struct RunOf {
    char *directory; /* holds graph.xml */
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
    GHashTable *said; /* of task name to GBytes: its transcript */
} RunOf;

/*
 * Loads and executes `<graph>declarations</graph>`; `options` may be NULL.  The declarations must
 * be good.  Does not end what tasks left running.
 */
RunOf *run_of(const char *declarations, const RunOptions *options);
void run_of_free(RunOf *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunOf, run_of_free)

/* Returns: all that is in the spool, which has lost nothing, and a NUL behind it; free with
 * g_bytes_unref(). */
GBytes *bytes_of_spool(const DagSpool *spool);

/* Returns: what the task said, output and errors; "" if nothing.  Borrowed. */
const char *run_of_said(const RunOf *run, const char *task);

/* Asserts that all tasks succeeded; tells which did not, and why. */
void assert_succeeded(const RunOf *run);

/* Asserts that the task succeeded and what it said. */
void assert_said(const RunOf *run, const char *task, const char *expected);

/* Asserts that the task failed, and the reason. */
void assert_failed(const RunOf *run, const char *task, const char *reason);

/* Asserts the outcome of a task. */
void assert_outcome(const RunOf *run, const char *task, DagOutcome outcome);
