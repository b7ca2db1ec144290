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

/* The sort of tasks in a case. */
typedef enum Flavour {
    TINY,     /* may be run in batches */
    PLAIN,    /* never run in batches */
    SPEAKING, /* write outputs, and read those of all predecessors */
    MIXED,
    CONNECTED, /* occupy connections */
    HYBRID,    /* some occupy workers, some occupy connections */
    N_FLAVOURS,
} Flavour;

/* Strategies that search find a valid schedule in any time. */
#define CASE_BUDGET_NS INT64_C(1000000)

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
    bool at_once;   /* retries have no delay, so that time decides no order */
    Flavour flavour;
    DagPhaseRule rule;
    RandomGraph *random;
    DagGraph *graph;
    DagPlan *plan;
    size_t n; /* tasks in the graph */
} Case;

/*
 * Call `check` with one case after the other: `n_cases` of them, or as many as DAGRUN_TEST_CASES
 * says.  The cases are not built yet.  If one dies or stalls, its number is printed.
 */
void for_each_case(uint64_t n_cases, void (*check)(Case *c));

/* Build the random graph of the case, and its probe. */
void case_build(Case *c);

/* Data that the bodies of the tasks read and write.  One case runs at a time. */
typedef struct Probe {
    /* Read-only once the run began. */
    const Case *of;
    uint32_t *n_failures; /* [n]: so many attempts fail */
    bool heeds_cancel;    /* some tasks end when they are cancelled */

    /* Relaxed: they order nothing. */
    atomic_uint *n_runs; /* [n]: attempts */
    atomic_uint *in_use; /* [n_pools]: slots */
    atomic_uint *ended;  /* [n]: 0, or the outcome */
    atomic_uint n_started;
    atomic_uint n_running[2]; /* by DagOccupies */
    atomic_uint highest_phase;

    /* Not atomic: written by a body, read by those of its successors and by the caller. */
    uint32_t *depth; /* [n]: tasks in the longest chain up to this one */
    uint32_t *turn;  /* [n]: position in the order of starts */
} Probe;

extern Probe probe;

/* Return true if the successors of the task may run after this outcome. */
bool is_good_end(DagTaskId id, unsigned outcome);

/* Return the largest number of attempts of the task. */
unsigned attempts_allowed(DagTaskId id);

/* Note that an attempt of the task starts, and check that it may. */
void probe_start(DagTaskId id);

void probe_begin(const Case *c);
void probe_end(void);

/* Return the counter, with relaxed order. */
static inline unsigned
get(atomic_uint *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* The kinds with a probe. */
extern const DagKind tiny, plain, speaking;
extern const DagKind connected, connected_by_fd, connected_speaking; /* by timers */

/* An observer that checks the events: each comes once, and in a valid order. */
typedef struct Watcher Watcher;

Watcher *watcher_new(const Case *c);
DagObserver watcher_observer(Watcher *watcher);

/* Assert that no event is missing after the run. */
void watcher_check(const Watcher *watcher);
void watcher_free(Watcher *watcher);

/* How a run may have ended. */
typedef enum Ending {
    TO_THE_END,
    STOPPED, /* after a failure, a cancellation or at its time limit */
    KILLED,  /* clean-ups may not have run */
} Ending;

/* Assert everything that is true of every run. */
void check_run(const Case *c, const DagRun *run, Ending ending);

/* Simulate the case twice, with a time limit unless it is 0, and check the run, which is returned;
 * free it with dag_run_free(). */
DagRun *simulate_case(Case *c, int64_t timeout_ns);

/* Return the tasks that ran, in the order of their last starts; of DagTaskId. */
GArray *start_order(const Case *c);
