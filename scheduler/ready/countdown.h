/* SPDX-License-Identifier: MIT */
/*
 * How many predecessors each task still waits for.
 *
 * One byte a task, since workers hand these over to each other with every batch, cache line by
 * cache line.  The byte wraps around: where a task has more than 255 predecessors, `rounds` says
 * how many times it has to come to 0.
 */
#pragma once

#include "run/monitor.h"

#include "model/graph.h"
#include "model/numbers.h"

/* Of how many successors of a task to read ahead: the cache holds only so much. */
#define COUNTDOWN_MAX_AHEAD 16

typedef struct Countdown {
    uint8_t *left; /* [n_tasks]: predecessors that are waited for, modulo 256 */
    uint32_t
        *rounds; /* [n_tasks]: the same divided by 256, rounded up; NULL: all below 256 */
} Countdown;

/* Every task waits for all its predecessors. */
static inline Countdown
countdown_of(const DagGraph *graph)
{
    Countdown countdown = {.left = g_new(uint8_t, graph->n_tasks)};
    uint32_t most = 0;

    for (size_t id = 0; id < graph->n_tasks; id++) {
        uint32_t n = graph->first_pred[id + 1] - graph->first_pred[id];

        countdown.left[id] = (uint8_t)n;
        most = MAX(most, n);
    }
    if (most <= UINT8_MAX)
        return countdown;
    countdown.rounds = g_new(uint32_t, graph->n_tasks);
    for (size_t id = 0; id < graph->n_tasks; id++)
        countdown.rounds[id] =
            (graph->first_pred[id + 1] - graph->first_pred[id] + UINT8_MAX) / 256;
    return countdown;
}

static inline void
countdown_clear(Countdown *countdown)
{
    g_free(countdown->left);
    g_free(countdown->rounds);
}

static inline bool
countdown_is_over(const Countdown *countdown, DagTaskId id)
{
    return countdown->left[id] == 0 && (!countdown->rounds || countdown->rounds[id] == 0);
}

/* Returns: whether the task waits for one predecessor only. */
static inline bool
countdown_is_last(const Countdown *countdown, DagTaskId id)
{
    return countdown->left[id] == 1 && (!countdown->rounds || countdown->rounds[id] == 1);
}

/* Counts one predecessor off.  Returns: whether it was the last. */
static inline bool
countdown_tick(Countdown *countdown, DagTaskId id)
{
    if (--countdown->left[id] > 0)
        return false;
    return !countdown->rounds || --countdown->rounds[id] == 0;
}

/* Takes a tick back. */
static inline void
countdown_untick(Countdown *countdown, DagTaskId id)
{
    if (countdown->left[id]++ == 0 && countdown->rounds)
        countdown->rounds[id]++;
}

/*
 * Counts each of `ids` off all its successors.  Appends those for which it was the last to
 * `freed`.
 */
static inline void
countdown_release(Countdown *countdown, const DagGraph *graph, const DagTaskId *ids,
                  unsigned n, DagNumbers *freed)
{
    uint8_t *left = countdown->left;

    for (unsigned i = 0; i < n; i++) {
        DagIds succs = dag__successors(graph, ids[i]);

        dag__numbers_reserve(freed, succs.n);
        if (countdown->rounds) {
            for (size_t s = 0; s < succs.n; s++)
                if (countdown_tick(countdown, succs.ids[s]))
                    freed->items[freed->n++] = succs.ids[s];
            continue;
        }
        /* Whether a task waits for more cannot be foreseen, so there is no branch on it. */
        DagTaskId *items = freed->items;
        uint32_t n_freed = freed->n;

        for (size_t s = 0; s < succs.n; s++) {
            DagTaskId id = succs.ids[s];

            items[n_freed] = id;
            n_freed += --left[id] == 0;
        }
        freed->n = n_freed;
    }
}

/* Fetches which successors `ids` have. */
static inline void
countdown_read_rows(const DagGraph *graph, const DagTaskId *ids, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        dag__prefetch(dag__successors(graph, ids[i]).ids);
}

/* Fetches what ticks of the successors of `ids` will change. */
static inline void
countdown_read_ahead(const Countdown *countdown, const DagGraph *graph,
                     const DagTaskId *ids, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        DagIds succs = dag__successors(graph, ids[i]);

        for (size_t s = 0; s < MIN(succs.n, COUNTDOWN_MAX_AHEAD); s++)
            dag__prefetch_write(&countdown->left[succs.ids[s]]);
    }
}
