/* SPDX-License-Identifier: MIT */
/*
 * The inside of a context: one per worker, used again for each task.
 */
#pragma once

#include "run/outputs.h"

#include <dagrun/context.h>

struct DagContext {
    const DagGraph *graph;   /* read-only once the run began, as the next two */
    Outputs *outputs;        /* thread-safe itself; or NULL */
    const DagCancel *cancel; /* or NULL */
    bool wants_transcript;

    /* Only used by the worker. */
    DagTaskId task;
    GBytes *transcript; /* or NULL */
    char *reason;       /* or NULL */
};

/* Gets ready for the next task; whoever ran the last one has taken its transcript and reason. */
static inline void
dag__context_enter(DagContext *context, DagTaskId task)
{
    context->task = task;
}
