/* SPDX-License-Identifier: MIT */
/*
 * An observer that prints the progress of a run: a line per finished task, or the phase log.
 * Both print the output of tasks.  With a live display, running tasks are shown below these
 * lines; without one, a status line names them from time to time.
 */
#pragma once

#include "display/live.h"
#include "display/stopped.h"
#include "display/tally.h"
#include "display/task-lines.h"
#include "display/task-output.h"

#include <dagrun/execute.h>
#include <dagrun/report.h>
#include <dagrun/tasks.h>

typedef enum Verbosity {
    VERBOSITY_QUIET,  /* failures only */
    VERBOSITY_NORMAL, /* a line per finished task, and its output */
    VERBOSITY_ALL,    /* also a line when a task starts, with its command */
} Verbosity;

typedef struct Progress {
    Verbosity verbosity;
    bool log;                /* print the phase log instead of a line per task */
    DagTextStyle style;      /* of standard error */
    bool is_live;            /* standard error is a terminal with a live display */
    const DagCancel *cancel; /* of the run */
    DagTasks *tasks;         /* likewise; borrowed */
    bool has_lent;           /* the terminal, to the task lent_to */
    DagTaskId lent_to;
    int64_t status_ns; /* print a status line after so long without a line; 0: never */
    bool as_lines;     /* print the text of tasks line by line as it comes */
    TaskLines lines;
    TaskOutput output;
    Live live;
    Tally tally;
    Stopped stopped;
    int64_t last_line_ns; /* time of the last line, since the start of the run */
    uint64_t n_flushed;   /* bytes of diagnostics written until then */
} Progress;

void progress_clear(Progress *progress);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Progress, progress_clear)

/* Return an observer for one run.  It borrows `progress`. */
DagObserver progress_observer(Progress *progress);

/* Return the text of running tasks that the observer needs. */
DagFollow progress_follow(const Progress *progress);
