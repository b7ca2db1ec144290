/* SPDX-License-Identifier: MIT */
/*
 * Forged runs: each breaks one rule.  The graph and the functions that alter a record (verify-case.c), forgeries
 * of when tasks ran (verify-times.c), and of what the record says of them (verify-records.c).
 */
#pragma once

#include <dagrun/dagrun.h>

#include "run-case.h"

#define MS INT64_C(1000000)

/* Simulate the graph of verify-case.c; free with case_clear(). */
Case some_case(const char *strategy);

/* Return a task of the record. */
DagPastTask *task_of(DagPastRun *past, const char *id);

/* Return attempt `i`, from 0, of a task. */
DagPastAttempt *attempt_of(DagPastRun *past, const char *id, uint32_t i);

/* Let everything that follows from the attempts follow from them. */
void settle(DagPastRun *past);

/* Move attempt `i` of a task. */
void move(DagPastRun *past, const char *id, uint32_t i, int64_t start_ms, int64_t end_ms);

/* Put the last attempt of a task on a worker. */
void put_on(DagPastRun *past, const char *id, int32_t worker);

/* Give the last attempt of a task, and the task, another end. */
void end_with(DagPastRun *past, const char *id, DagOutcome outcome, int exit_code);

/* Take the attempts of a task away. */
void never_ran(DagPastRun *past, const char *id, DagOutcome outcome);

/* Let the run be stopped for a reason. */
void stop_by(DagPastRun *past, DagStop reason);

typedef struct Forgery {
    void (*forge)(DagPastRun *past);
    DagRule rule;
    const char *text; /* several findings are separated by newlines */
    const char *strategy;
} Forgery;

/* Check that the runs of faulty schedulers are caught (verify-mutants.c). */
void test_mutants(void);

/* The forgeries, up to one without a function. */
extern const Forgery forged_times[], forged_records[];
