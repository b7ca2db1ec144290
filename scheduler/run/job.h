/* SPDX-License-Identifier: MIT */
/*
 * A job: one attempt of a task that a driver has under way.  A worker holds one job, the I/O
 * driver holds hundreds.  It assumes nothing about the thread that runs it.
 */
#pragma once

#include "run/context.h"
#include "run/core.h"
#include "run/spending.h"
#include "run/timed-queue.h"

#include <dagrun/engine.h>

struct DagJob {
    DagContext context;
    AttemptStart start;
    const DagKind *kind;
    const void *config;

    /* Only used by the I/O driver (io.c). */
    void *data;          /* of the kind */
    TimedNode deadline;  /* when the cancel level rises by itself */
    uint32_t index;      /* among the jobs under way */
    uint16_t connection; /* number of the connection that it occupies */
    bool is_finished;
    bool is_withdrawn; /* by dag_job_wait(); then the next two are set */
    uint32_t closed_pool;
    int64_t closed_until_ns;     /* since the run began */
    Spending reserved;           /* by dag_job_reserve() */
    DagCancelLevel passed_level; /* the level passed to DagKind.cancel() last */
    AttemptEnd end;              /* once it is finished */
    DagJob *next_finished;
    struct IoDriver *driver;
};

/* Set up a job for an attempt.  `env` is borrowed; `epoch_ns` is the start of the run by
 * dag_clock_ns(). */
void dag__job_begin(DagJob *job, const ContextEnv *env, const AttemptStart *start,
                    int64_t epoch_ns);

/* Return the end of the attempt, at `end_ns` on the unit `unit`, for which the kind returned
 * `outcome`.  The result owns the transcript and the reason. */
AttemptEnd dag__job_end(DagJob *job, DagOutcome outcome, int64_t end_ns, uint16_t unit);
