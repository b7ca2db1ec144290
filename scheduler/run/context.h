/* SPDX-License-Identifier: MIT */
/*
 * The inside of a context: one per worker, used again for each task.
 */
#pragma once

#include "output/logs.h"
#include "output/outputs.h"

#include "model/mask.h"

#include "run/engines.h"

#include <dagrun/context.h>

struct DagContext {
    /* Read-only once the run began. */
    const DagGraph *graph;
    Outputs *outputs;        /* thread-safe itself; or NULL */
    Engines *engines;        /* thread-safe itself */
    const Logs *logs;        /* or NULL */
    const DagCancel *cancel; /* or NULL */
    bool wants_transcript;
    int64_t
        run_limit_ns; /* when the run's time is up, by dag_clock_ns(); INT64_MAX: never */
    int64_t grace_ns;

    /* Only used by the worker. */
    DagTaskId task;
    const DagPolicy *policy; /* of the task */
    DagCancelLevel level;    /* as told so far */
    int64_t limit_ns;        /* when the level rises by itself; INT64_MAX: never */
    bool limit_is_own;       /* it is the task's timeout, not the run's */
    bool timed_out;          /* the task's timeout came before any other reason to end */
    int exit_code;           /* or DAG_EXIT_NONE */
    unsigned attempt;        /* from 1 */
    DagSpool *output;        /* or NULL: it said nothing that anybody reads */
    DagSpool *transcript;    /* or NULL */
    DagMaskStream secrets;   /* of the transcript */
    char *reason;            /* or NULL */
};

/* Gets ready for the next task, which starts at `start_ns` by dag_clock_ns(); whoever ran the
 * last one has taken its transcript and reason. */
void dag__context_enter(DagContext *context, DagTaskId task, unsigned attempt,
                        int64_t start_ns);

/* Ends what the task said.  Returns: what became of it, which was `outcome` so far. */
DagOutcome dag__context_hand_over(DagContext *context, DagOutcome outcome);

/* To be called when the kind has run the task. */
static inline DagOutcome
dag__context_leave(DagContext *context, DagOutcome outcome)
{
    return context->output || context->transcript ? dag__context_hand_over(context, outcome)
                                                  : outcome;
}
