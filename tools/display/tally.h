/* SPDX-License-Identifier: MIT */
/*
 * The progress of a run: counts of ended tasks, and the list of running tasks with their start
 * times.
 */
#pragma once

#include <dagrun/run.h>

typedef struct TallyTask {
    DagTaskId id;
    unsigned attempt; /* from 1 */
    bool is_pausing;  /* between two attempts; `attempt` is the next one */
    int64_t since_ns; /* start of the attempt or of the pause */
    char *last_line;  /* the attempt wrote it; NULL: it wrote nothing */
} TallyTask;

typedef struct Tally {
    size_t n_finished;
    size_t n_failed;
    size_t n_allowed; /* of n_failed: with allow-failure */
    GArray *running;  /* of TallyTask, longest-running first */
} Tally;

void tally_init(Tally *tally);
void tally_clear(Tally *tally);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tally, tally_clear)

/* An attempt starts. */
void tally_start(Tally *tally, DagTaskId id, int64_t time_ns);

/* An attempt has failed; another one follows after a pause. */
void tally_pause(Tally *tally, DagTaskId id, int64_t time_ns);

/* The attempt wrote a line, which is without control characters. */
void tally_say(Tally *tally, DagTaskId id, const char *line);

/* The task has ended. */
void tally_finish(Tally *tally, DagTaskId id, DagOutcome outcome, bool may_fail);
