/* SPDX-License-Identifier: MIT */
/*
 * The private part of a context (dagrun/context.h).
 */
#pragma once

#include "run/engines.h"
#include "run/follow.h"

#include "model/mask.h"
#include "output/logs.h"
#include "output/outputs.h"
#include "output/transcript.h"
#include "record/run.h"
#include "run/late-text.h"
#include "run/reuse.h"
#include "run/timed-queue.h"

#include <dagrun/context.h>

/* Data that all contexts of a run share.  Read-only during the run. */
typedef struct ContextEnv {
    const DagGraph *graph;
    Outputs *outputs;        /* thread-safe itself; NULL: no task reads an output */
    Engines *engines;        /* thread-safe itself */
    Logs *logs;              /* or NULL */
    const DagCancel *cancel; /* or NULL */
    bool wants_transcript;
    LateTexts *late_texts; /* thread-safe itself; NULL: unused */
    Follow *follow;   /* thread-safe itself; NULL: no observer follows the text of tasks */
    GMutex *run_lock; /* protects `run`, except the records of tasks that have ended */
    const DagRun *run;
    Reuse *reuse;         /* NULL: no task is asked for */
    int64_t run_limit_ns; /* the run's time limit by dag_clock_ns(), or INT64_MAX */
    int64_t grace_ns;
    unsigned retries; /* of tasks that declare none */
} ContextEnv;

/* Only used by the thread that runs the attempt. */
struct DagContext {
    const ContextEnv *env;
    DagTaskId task;
    unsigned attempt;        /* from 1 */
    const DagPolicy *policy; /* of the task */
    DagCancelLevel level;    /* reached so far */
    bool limit_is_own;       /* limit_ns is the task's timeout, not the run's time limit */
    bool is_final;           /* if it fails, no other attempt follows */
    bool is_transient;       /* its result is not kept */
    bool timed_out;          /* the task's timeout was the first reason to end it */
    int exit_code;           /* or DAG_EXIT_NONE */
    int64_t limit_ns;        /* when the level rises by itself; INT64_MAX: never */
    /* Times at which the same thread has to check other attempts, or NULL. */
    const TimedQueue *deadlines;
    DagSpool *output;         /* NULL: nothing was written */
    DagSpool *transcript;     /* NULL: nothing was written */
    TranscriptWriter writer;  /* of the transcript */
    DagMaskStream secrets[2]; /* mask the transcript; by stream */
    char *reason;             /* or NULL */
    Traffic *traffic;         /* or NULL */
    DagKey *key;              /* NULL: unknown, or without a memory */
    char *reuse;              /* for dag_run_reuse(), or NULL */
};

/* Set the context up for an attempt that starts at `start_ns` by dag_clock_ns().  The transcript
 * and the reason of the attempt before must have been taken. */
void dag__context_begin(DagContext *context, DagTaskId task, unsigned attempt,
                        int64_t start_ns);

/* Forget the output that the attempt has written so far: it does not count. */
void dag__context_forget_output(DagContext *context);

/*
 * End the attempt, for which the kind returned `outcome`.
 * Returns: the outcome; DAG_TIMED_OUT instead of DAG_CANCELLED if the task's own timeout ended it.
 */
DagOutcome dag__context_end(DagContext *context, DagOutcome outcome);
