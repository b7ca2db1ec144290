/* SPDX-License-Identifier: MIT */
/*
 * The parts of the property test: cases (property-case.c), the tasks of a case (property-probe.c),
 * an observer (property-watcher.c), the simulator (property-simulate.c), and the checks of a run
 * (property-check.c).
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
    CONNECTED, /* occupy connections */
    HYBRID,    /* some occupy workers, some occupy connections */
    N_FLAVOURS,
} Flavour;

typedef struct Case {
    uint64_t seed;
    const DagStrategy *strategy;
    unsigned n_workers;
    unsigned n_connections;
    unsigned failure_percent;
    bool keep_going;
    bool observed;
    bool limited;   /* some tasks have a timeout */
    bool simulated; /* the tasks do nothing */
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
    bool heeds_cancel;    /* some end when they are cancelled */

    /* Relaxed: they order nothing. */
    atomic_uint *n_runs; /* [n]: attempts */
    atomic_uint *in_use; /* [n_pools]: slots */
    atomic_uint *ended;  /* [n]: 0, or the outcome */
    atomic_uint n_started;
    atomic_uint n_running[2]; /* by DagOccupies */
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

/* Note that an attempt of the task starts, and check that it may. */
void probe_start(DagTaskId id);

void probe_begin(const Case *c);
void probe_end(void);

/* Returns: the counter, ordering nothing. */
static inline unsigned
get(atomic_uint *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* The kinds with a probe. */
extern const DagKind tiny, plain, speaking;
extern const DagKind connected, connected_by_fd, connected_speaking; /* by timers */

/* The observer: every event once, and in an order that makes sense. */
typedef struct Watcher Watcher;

Watcher *watcher_new(const Case *c);
DagObserver watcher_observer(Watcher *watcher);

/* Asserts that nothing is missing, once the run is over. */
void watcher_check(const Watcher *watcher);
void watcher_free(Watcher *watcher);

/* How a run may have ended. */
typedef enum Ending {
    TO_THE_END,
    STOPPED, /* after a failure, a cancellation or at its time limit */
    KILLED,  /* clean-ups may not have run either */
} Ending;

/* Assert everything that is true of every run. */
void check_run(const Case *c, const DagRun *run, Ending ending);

/* Simulate the case twice, with a time limit unless it is 0, and check the run, which is returned;
 * free it with dag_run_free(). */
DagRun *simulate_case(Case *c, int64_t timeout_ns);

/* Return the tasks that ran, in the order of their last starts; of DagTaskId. */
GArray *start_order(const Case *c);
