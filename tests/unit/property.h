/* SPDX-License-Identifier: MIT */
/*
 * The parts of the property test: cases (property-case.c), what the tasks of a case do and see
 * (property-probe.c), and an observer (property-watcher.c).
 */
#pragma once

#include <dagrun/execute.h>
#include <stdatomic.h>

#include "random-graph.h"

/* What the tasks of a case are like. */
typedef enum Flavour {
    TINY,     /* may be run in batches */
    PLAIN,    /* may not */
    SPEAKING, /* reads the outputs of all that it needs */
    MIXED,
    N_FLAVOURS,
} Flavour;

typedef struct Case {
    uint64_t seed;
    const DagStrategy *strategy;
    unsigned n_workers;
    unsigned failure_percent;
    bool keep_going;
    bool observed;
    bool at_once; /* whatever is tried again is so at once, so that time decides no order */
    Flavour flavour;
    DagPhaseRule rule;
    RandomGraph *random;
    DagGraph *graph;
    DagPlan *plan;
    size_t n; /* tasks in the graph */
} Case;

/*
 * Calls `check` with one case after the other, `n_cases` of them unless DAGRUN_TEST_CASES says
 * otherwise.  A case is not built yet.  If one dies or stalls, its number is printed.
 */
void for_each_case(uint64_t n_cases, void (*check)(Case *c));

/* Draws and builds the graph, with a probe for it. */
void case_build(Case *c);

/* What the bodies know and leave behind.  One case runs at a time. */
typedef struct Probe {
    /* Read-only once the run began. */
    const Case *of;
    uint32_t *n_failures; /* [n]: so many attempts fail */
    bool heeds_cancel;    /* some end when the run is to be stopped */

    /* Relaxed: they order nothing. */
    atomic_uint *n_runs; /* [n]: attempts */
    atomic_uint *in_use; /* [n_pools]: slots */
    atomic_uint *ended;  /* [n]: 0, or the outcome */
    atomic_uint n_started;
    atomic_uint n_running;
    atomic_uint highest_phase;

    /* Not atomic: written by a body, read by those of its successors and by the caller. */
    uint32_t *depth; /* [n]: tasks in the longest chain up to this one */
    uint32_t *turn;  /* [n]: this was the how-manieth to start */
} Probe;

extern Probe probe;

/* Returns: whether an end like this lets successors go on. */
bool is_good_end(DagTaskId id, unsigned outcome);

/* Returns: how many attempts the task has. */
unsigned attempts_allowed(DagTaskId id);

void probe_begin(const Case *c);
void probe_end(void);

/* Returns: the counter, ordering nothing. */
static inline unsigned
get(atomic_uint *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* The kinds whose bodies look around. */
extern const DagKind tiny, plain, speaking;

/* The observer: every event once, and in an order that makes sense. */
typedef struct Watcher Watcher;

Watcher *watcher_new(const Case *c);
DagObserver watcher_observer(Watcher *watcher);

/* Asserts that nothing is missing, once the run is over. */
void watcher_check(const Watcher *watcher);
void watcher_free(Watcher *watcher);
