/* SPDX-License-Identifier: MIT */
/*
 * Observers that tell a person how the run goes: a line per finished task, or the log of
 * phases.  Both print what tasks said.  Below the lines there may be a live display; without
 * one, a line now and then says what still runs.
 */
#pragma once

#include "display/live.h"
#include "display/tally.h"

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
    bool is_incomplete;        /* something that was kept could not be read again */
    bool line_is_open;         /* the last block on standard output did not end its line */
    bool is_live;              /* standard error is a terminal that shows what runs */
    int64_t status_ns;         /* without a line for so long, what runs is told; 0: never */
    Live live;
    Tally tally;
    int64_t told_ns; /* when there was a line last, since the run began */
    uint64_t n_told; /* bytes of diagnostics until then */
} Progress;

void progress_clear(Progress *progress);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Progress, progress_clear)

/* Returns: an observer that borrows `progress`, for one run. */
DagObserver progress_observer(Progress *progress);
