/* SPDX-License-Identifier: MIT */
/*
 * The states from which the search has failed.  A state is dominated by one of them if the same
 * tasks have been started, it is no earlier, and all that can follow it can follow the other: then it
 * fails too.  With limits that is so if no running task ends earlier.  Otherwise, workers being
 * identical, it is enough that at any time no more of them are free, and that each running task of
 * the other ends before its successors can start.
 */
#pragma once

#include "strategies/optimal/problem.h"

typedef struct Running {
    uint32_t id;
    int64_t end;
} Running;

/* A moment of the search. */
typedef struct Moment {
    int64_t time;
    const uint64_t *started; /* set of the tasks that have started */
    /* [n_running], those that end after `time`, the last end first. */
    const Running *running;
    unsigned n_running;
    const int64_t *earliest; /* [n]: earliest start of tasks that have not started */
} Moment;

typedef struct Memo Memo;

/* Make a memo of up to about `max_bytes`; a full memo remembers nothing more. */
Memo *memo_new(const Problem *problem, size_t max_bytes);
void memo_free(Memo *memo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Memo, memo_free)

/* Forget everything.  Necessary when the deadline grows: proofs hold for earlier ones only. */
void memo_clear(Memo *memo);

void memo_add(Memo *memo, const Moment *moment);
bool memo_dominates(const Memo *memo, const Moment *moment);
