/* SPDX-License-Identifier: MIT */
/*
 * The parts of the summary of a run: summary.c (result, failures, phases, tasks), summary-reuse.c (results of
 * earlier runs), summary-traffic.c (requests), and summary-times.c (the whole run against its lower bound).
 */
#pragma once

#include "report/measures.h"

#include <dagrun/report.h>

typedef struct Summary {
    const DagRun *run;
    const DagPlan *plan;
    const DagGraph *graph;
    const Measures *measures;
    DagTextStyle style;
    GString *out;
    bool has_barrier;
    GArray *failures; /* of DagTaskId, in the order of the report */
    Largest phases;
    Largest slowest; /* tasks */
    /* Tasks that needed several attempts, by the time before the last attempt. */
    Largest retried;
    Largest pools;
    size_t n_retried;          /* all of them */
    int64_t pauses_ns;         /* during which nothing ran but pauses between attempts */
    const DagStrategy *better; /* than that of the run; or NULL */
    int64_t better_ns;         /* its estimated makespan */
    int64_t unbarred_ns; /* that of critical-path, if the run has barriers; -1: not known */
} Summary;

/* Write an empty line and a heading. */
void dag__summary_heading(const Summary *summary, const char *text);

/* Write the table of times of the whole run, and the reasons for its distance from the lower
 * bound. */
void dag__summary_times(Summary *summary);

/* Write how many results of earlier runs were taken over, and why others were not. */
void dag__summary_reuse(const Summary *summary);

/* Write the requests of the run, if it sent any. */
void dag__summary_traffic(const Summary *summary);
