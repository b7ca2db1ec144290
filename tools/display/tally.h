/* SPDX-License-Identifier: MIT */
/*
 * How far a run has come: how much has ended, and what runs now, since when.
 */
#pragma once

#include <dagrun/run.h>

typedef struct TallyTask {
    DagTaskId id;
    unsigned attempt; /* from 1 */
    bool is_pausing;  /* between two attempts; `attempt` is the next one */
    int64_t since_ns; /* when the attempt, or the pause, began */
} TallyTask;

typedef struct Tally {
    size_t n_finished;
    size_t n_failed;
    size_t n_allowed; /* of n_failed: concern nobody else */
    GArray *running;  /* of TallyTask, the one that has run longest first */
} Tally;

void tally_init(Tally *tally);
void tally_clear(Tally *tally);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tally, tally_clear)

/* An attempt begins, an attempt ends and another one follows, the task is over. */
void tally_start(Tally *tally, DagTaskId id, int64_t time_ns);
void tally_pause(Tally *tally, DagTaskId id, int64_t time_ns);
void tally_finish(Tally *tally, DagTaskId id, DagOutcome outcome, bool may_fail);
