/* SPDX-License-Identifier: MIT */
/*
 * Observers that tell a person how the run goes: a line per finished task, or the log of
 * phases.  Both print what tasks said.
 */
#pragma once

#include <dagrun/execute.h>
#include <dagrun/report.h>

typedef enum Verbosity {
    VERBOSITY_QUIET,  /* only what failed */
    VERBOSITY_NORMAL, /* a line per finished task, and what it said */
    VERBOSITY_ALL,    /* also when one starts, and its command */
} Verbosity;

typedef struct Progress {
    Verbosity verbosity;
    bool log;                  /* the log of phases, instead of a line per task */
    bool blocks_to_stderr;     /* standard output is for JSON alone */
    DagTextStyle style;        /* of standard error */
    const char *log_directory; /* where what tasks say goes besides, or NULL */
    size_t n_finished;
    bool is_incomplete; /* something that was kept could not be read again */
    bool line_is_open;  /* the last block on standard output did not end its line */
} Progress;

/* Returns: an observer that borrows `progress`. */
DagObserver progress_observer(Progress *progress);
