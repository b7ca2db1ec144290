/* SPDX-License-Identifier: MIT */
/*
 * The options of dagrun bench, and their values.
 */
#pragma once

#include "commands/options.h"

#include <dagrun/benchmark.h>

typedef struct BenchOptions {
    GraphOptions graph;
    char *jobs;
    char *connections;
    char *strategy_names;
    char *seed_text;
    char *budget_text;
    char *noise_text;
    char *fail_text;
    char *samples_text;
    char *retries_text;
    char *color;
    char *repeat_text;
    char *svg;
    char *gantt;
    char *gantt_strategy_name;
    gboolean real;
    gboolean json;
    gboolean csv;

    /* Parsed from the texts above. */
    GArray *workers;                   /* of unsigned, ascending */
    GPtrArray *strategies;             /* of const DagStrategy; NULL: all */
    const DagStrategy *gantt_strategy; /* NULL: the recommended one */
    uint64_t seed;
    int64_t budget_ns; /* 0: that of the strategy */
    double sigma;
    double fail;
    unsigned n_samples;
    bool wants_samples; /* however long they take */
    unsigned retries;
    unsigned n_repeats;
    unsigned n_connections; /* 0: the default */
} BenchOptions;

/* Returns: false after an error message or --help, with *status_out set. */
bool bench_options_parse(BenchOptions *options, char **argv, int *status_out);

void bench_options_clear(BenchOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BenchOptions, bench_options_clear)
