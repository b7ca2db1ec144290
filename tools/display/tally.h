/* SPDX-License-Identifier: MIT */
/*
 * The progress of a run: counts of ended tasks, and the list of running tasks with their start
 * times.
 */
#pragma once

#include <dagrun/run.h>

/* The wait of a task whose attempt was withdrawn. */
typedef struct TallyWait {
    int64_t until_ns; /* at least; not later than now: until there are tokens */
    const char *pool; /* that it waits for, or NULL; borrowed from the graph */
} TallyWait;

typedef struct TallyTask {
    DagTaskId id;
    unsigned attempt; /* from 1 */
    bool is_pausing;  /* between two attempts; `attempt` is the next one */
    bool is_waiting;  /* its attempt was withdrawn, and starts again after `wait` */
    TallyWait wait;
    int64_t since_ns; /* start of the attempt or of the pause */
    /* Of an answer that is arriving: so far; of these, those that came before the display learned of it, at
     * `counted_ns`.  0: none. */
    uint64_t n_tokens, n_tokens_before;
    int64_t counted_ns;
    char *last_line; /* the attempt wrote it; NULL: it wrote nothing */
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

/* An attempt was withdrawn; it starts again after the wait. */
void tally_wait(Tally *tally, DagTaskId id, int64_t time_ns, const TallyWait *wait);

/* The attempt wrote a line, which is without control characters. */
void tally_say(Tally *tally, DagTaskId id, const char *line);

/* The attempt has received so many tokens of an answer. */
void tally_count(Tally *tally, DagTaskId id, int64_t time_ns, uint64_t n_tokens);

/* The task has ended. */
void tally_finish(Tally *tally, DagTaskId id, DagOutcome outcome, bool may_fail);
