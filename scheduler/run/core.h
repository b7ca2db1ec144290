/* SPDX-License-Identifier: MIT */
/*
 * The core of a run: a ready set, which decides which task starts next, and a recorder, which stores
 * the results.  Every driver, with threads or on a virtual clock, uses these functions; no other code
 * handles the end of an attempt, except that run/tiny ends tasks in bulk that simply succeeded.
 *
 * Not thread-safe: a driver with threads calls them under its lock.
 */
#pragma once

#include "output/outputs.h"
#include "ready/ready-set.h"
#include "record/recorder.h"
#include "run/reuse.h"

typedef struct RunCore {
    const DagGraph *graph;
    ReadySet *ready;
    Recorder recorder;
    Outputs *outputs;             /* borrowed, or NULL; thread-safe itself */
    const Reuse *reuse;           /* borrowed, or NULL */
    unsigned retries;             /* of tasks that declare none */
    uint64_t random;              /* state of the random numbers for pauses */
    int64_t (*clock)(void *data); /* nanoseconds since the run began */
    void *clock_data;
} RunCore;

typedef struct RunCoreOptions {
    RunSetup setup;
    DagSearchLimits search; /* for a strategy that searches */
    unsigned n_writers;     /* of records, besides the recorder's own */
    bool has_observers;
    Outputs *outputs;
    const Reuse *reuse;   /* or NULL */
    uint64_t random_seed; /* for pauses between attempts */
    int64_t (*clock)(void *data);
    void *clock_data;
} RunCoreOptions;

/* An attempt that starts. */
typedef struct AttemptStart {
    DagTaskId task;
    unsigned attempt; /* from 1 */
    bool is_asked;    /* the memory comes first, so the start is not recorded yet */
    int64_t start_ns;
} AttemptStart;

/* Set up the core, and record the start of the run, which is the first event. */
void dag__core_init(RunCore *core, const DagPlan *plan, const RunCoreOptions *options);
void dag__core_clear(RunCore *core);

/* Make the first tasks ready. */
void dag__core_begin(RunCore *core);

/*
 * Take the task to start next on a unit of this kind, and record its start at `now_ns`.
 * Returns: false if no task may start now.
 */
bool dag__core_start(RunCore *core, DagOccupies unit, int64_t now_ns,
                     AttemptStart *start_out);

/* Handle the end of an attempt: the task has ended, or pauses until its next attempt.  Takes what
 * `end` owns. */
void dag__core_end(RunCore *core, AttemptEnd *end);

/*
 * Withdraw an attempt, and close a pool that its task uses until `until_ns`.  The task is ready again.
 * Returns: false, with nothing changed, if the run is stopping: end the attempt.
 */
bool dag__core_withdraw(RunCore *core, AttemptEnd *end, uint32_t pool, int64_t until_ns);

/* Start nothing more except clean-ups.  The run keeps all reasons. */
void dag__core_stop(RunCore *core, DagStop reason);

/* Complete the run: give tasks that never ran their outcome, and record the end. */
void dag__core_finish(RunCore *core, int signal_number);
