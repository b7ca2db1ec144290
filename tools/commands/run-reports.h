/* SPDX-License-Identifier: MIT */
/*
 * The reports of a run in the formats of other programs: --trace, --junit, --events.
 */
#pragma once

#include "display/event-log.h"
#include "display/failure-texts.h"
#include "display/output.h"

/* The most observers that the reports need. */
#define RUN_REPORTS_OBSERVERS 2

typedef struct RunReports {
    char *trace_path, *junit_path, *events_path; /* of the options; NULL: not asked for */
    OutputFile *trace, *junit;                   /* open while the run goes on */
    EventLog events;
    FailureTexts texts; /* for the JUnit report */
} RunReports;

/* Append the options. */
void run_reports_add(RunReports *reports, GArray *entries);

/* Check the options.  Returns: false after an error message. */
bool run_reports_read(const RunReports *reports);

/* Open the files, before the run begins.  Returns: false after an error message. */
bool run_reports_open(RunReports *reports);

/* Add the observers that the reports need at observers[n].  Returns: their number with these. */
size_t run_reports_observe(RunReports *reports, DagObserver *observers, size_t n);

/* Write the reports and close the files.  `run` NULL: there was no run, and old files stay.
 * Returns: false after an error message if a report is incomplete. */
bool run_reports_finish(RunReports *reports, const DagRun *run);

void run_reports_clear(RunReports *reports);
