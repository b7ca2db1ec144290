/* SPDX-License-Identifier: MIT */
/*
 * The options of dagrun run.
 */
#pragma once

#include "commands/options.h"
#include "commands/resume-options.h"
#include "commands/run-reports.h"
#include "display/show.h"

#include <dagrun/requests.h>
#include <dagrun/tasks.h>

typedef struct RunOptions {
    GraphOptions graph;
    char *strategy_name;
    char *jobs;
    char *connections;
    char *seed_text;
    char *budget_text;
    int64_t budget_ns; /* 0: that of the strategy */
    char *retries_text;
    char *timeout_text;
    char *grace_text;
    char *timings;
    RunReports reports;
    char *record_requests;
    char *replay_requests;
    char *output;
    char *color;
    char *progress;
    char *show_how;
    char *errors;
    gboolean keep_going;
    gboolean dry_run;
    gboolean quiet;
    gboolean verbose;
    gboolean json;
    gboolean log;
    gboolean wait;
    char *slower_text;
    ResumeOptions resume;

    /* Parsed from the texts above. */
    const DagStrategy *strategy;
    unsigned n_workers;
    unsigned n_connections; /* 0: the default */
    uint64_t seed;
    unsigned retries;
    int64_t timeout_ns; /* 0: none */
    int64_t grace_ns;
    DagPlan *predicted;    /* owned: with the costs of earlier runs, or NULL */
    double slower_share;   /* of --fail-if-slower; below 0: not given */
    char *store_path;      /* owned; NULL: the run is not stored */
    DagTasks *tasks;       /* borrowed; NULL in a dry run */
    DagRequests *requests; /* recorded or replayed; or NULL */
    DagTextStyle style;    /* of standard error */
    char *max_cost_text, *max_tokens_text;
    double max_cost;           /* 0: without limit */
    uint64_t max_tokens;       /* 0: without limit */
    DagTextStyle output_style; /* of standard output */
    Show show;
} RunOptions;

/* Parse the command line.  Returns: false after an error message or --help, with *status_out set. */
bool run_options_parse(RunOptions *options, char **argv, int *status_out);

void run_options_clear(RunOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunOptions, run_options_clear)
