/* SPDX-License-Identifier: MIT */
/*
 * One execution of a graph: what happened to each task, and when.  A simulated run is a run
 * too.  Immutable once dag_execute() has returned it; borrows its plan, which must outlive it.
 *
 * Times are nanoseconds of one monotonic clock since the run began.
 */
#pragma once

#include <dagrun/plan.h>
#include <dagrun/strategy.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagRun DagRun;

/* What happened to one task. */
typedef struct DagRecord {
    int64_t start_ns; /* -1: never started */
    int64_t end_ns;   /* -1: never started */
    DagOutcome outcome;
    uint16_t worker; /* from 0; meaningless if never started */
} DagRecord;

void dag_run_free(DagRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagRun, dag_run_free)

const DagPlan *dag_run_plan(const DagRun *run);
const DagStrategy *dag_run_strategy(const DagRun *run);
uint64_t dag_run_seed(const DagRun *run);

/* Returns: how many workers there were; no more than tasks, however many were asked for. */
unsigned dag_run_n_workers(const DagRun *run);
bool dag_run_keeps_going(const DagRun *run);

DagRecord dag_run_record(const DagRun *run, DagTaskId id);

/* Returns: why a task did not succeed, or NULL; borrowed. */
const char *dag_run_reason(const DagRun *run, DagTaskId id);

/* Returns: the number of tasks that ended so. */
size_t dag_run_count(const DagRun *run, DagOutcome outcome);

/* Returns: whether every task succeeded. */
bool dag_run_succeeded(const DagRun *run);

/* Returns: the signal that stopped the run, or 0. */
int dag_run_signal(const DagRun *run);

/* First start to last end, nanoseconds; 0 if nothing started. */
int64_t dag_run_makespan_ns(const DagRun *run);

/* From the call of dag_execute() to its return, nanoseconds. */
int64_t dag_run_duration_ns(const DagRun *run);

/* Wall-clock time at which the run began, microseconds since 1970, for reports. */
int64_t dag_run_started_us(const DagRun *run);

/* First start to last end among the tasks of a phase; both -1 if none of them started. */
void dag_run_phase_span(const DagRun *run, uint32_t phase, int64_t *start_ns_out,
                        int64_t *end_ns_out);

G_END_DECLS
