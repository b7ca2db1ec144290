/* SPDX-License-Identifier: MIT */
/*
 * Parsing of command lines, and the options that several commands share.
 */
#pragma once

#include "commands/store-options.h"

#include <dagrun/dagrun.h>
#include <glib.h>
#include <stdbool.h>

/* Options that select a graph and how it is loaded. */
typedef struct GraphOptions {
    char *directory;        /* -C */
    char **settings;        /* --set, NAME=VALUE */
    char **set_env;         /* --set-env, NAME=VARIABLE */
    char **set_file;        /* --set-file, NAME=FILE */
    char **recorded;        /* NAME=VALUE, of a record; owned, or NULL */
    char *record;           /* the name of its file; owned, or NULL */
    char **set_cost;        /* --set-cost, TASK=DURATION */
    char **without;         /* --without, TASK,TASK… */
    char *replay_path;      /* --replay */
    char *rule_name;        /* --phases */
    gboolean allow_include; /* --allow-include */
    char **words;           /* GRAPH.xml [TASK…] */
    DagPhaseRule rule;      /* named by rule_name */
    bool hides_warnings;    /* about the graph */
    bool needs_no_secrets; /* requests are replayed: secrets that are not given are "***" */
    DagPastRun *past;      /* read from replay_path, or NULL */
    DagReplay *replay;     /* of the graph that was planned, or NULL */
    StoreOptions store;    /* --store, --no-store */
    char *costs_from;      /* --costs */
    bool are_declared;     /* costs: those of earlier runs are not used */
    DagStore *opened;      /* the store that was read for costs, or NULL */
    bool learns_late;      /* no cost matters before the run */
    size_t n_learned;      /* costs that are those of earlier runs */
} GraphOptions;

typedef struct CommandLine {
    const char *usage;           /* operands, such as "GRAPH.xml [TASK…]" */
    const char *summary;         /* printed by --help above the options */
    const GOptionEntry *entries; /* options of this command only, or NULL */
    GraphOptions *graph;         /* not NULL: accept the options of a graph */
    bool learns;                 /* accept --costs, --store and --no-store */
    gboolean *allow_include;     /* not NULL: accept --allow-include, without `graph` */
} CommandLine;

/*
 * Parse `argv`; argv[0] is the name of the command.  The value of a short option may follow it
 * directly, as in -j4.  "--" ends the options.
 *
 * Returns: the operands, NULL-terminated.  Without `line->graph`, free them with g_strfreev();
 *   otherwise line->graph->words owns them.  NULL: the program has printed --help or an error and
 *   ends with *status_out.
 */
char **options_parse(const CommandLine *line, char **argv, int *status_out);

/* Return the advice of the command line about a problem; a DagAdvise. */
char *options_advise(DagProblem problem, const char *name);

/* Print a warning about a graph; a DagWarn. */
void options_warn(const char *line, void *data);

/* The purpose for which a graph is loaded decides the parameters that must have values. */
typedef enum LoadPurpose {
    LOAD_TO_LIST, /* none */
    LOAD_TO_PLAN, /* those in conditions */
    LOAD_TO_RUN,  /* also those that the tasks use */
} LoadPurpose;

/* Print the error of loading `path`, with a similar file if it does not exist; free the error.
 * Returns: the exit status. */
int options_complain_of_load(const char *path, GError *error);

/* Change to the directory of `options`, once.  Returns: false after an error message, with *status_out
 * set. */
bool options_enter(GraphOptions *options, int *status_out);

/*
 * Change to the directory of `options` and load the graph.
 * Returns: the graph, or NULL after an error message, with *status_out set.
 */
DagGraph *options_load(GraphOptions *options, LoadPurpose purpose, int *status_out);

/*
 * Plan the graph with the phase rule and the costs of `options`: those of the run to replay, or else those of
 * earlier runs, then those that are set.  Sets options->replay.
 * Returns: the plan, or NULL after an error message; the exit status is then EXIT_USAGE.
 */
DagPlan *options_plan(GraphOptions *options, const DagGraph *graph);

/* Check that no costs are given to a command that needs none.  `reason`: why, "export writes the costs of the graph".
 * Returns: false after an error message. */
bool options_have_no_costs(const GraphOptions *options, const char *reason);

void graph_options_clear(GraphOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GraphOptions, graph_options_clear)

/* Find the strategy with this name; NULL if `name` is NULL.
 * Returns: false after an error message. */
bool options_find_strategy(const char *name, const DagStrategy **strategy_out);

/* Return `chosen`, else the strategy that the graph declares, else the default. */
const DagStrategy *options_strategy(const DagStrategy *chosen, const DagGraph *graph);

/* Read the value of -j; NULL: 0, for the default of the library.
 * Returns: false after an error message. */
bool options_read_jobs(const char *text, unsigned *n_workers_out);

/* Read the value of --connections; NULL: 0, for the default.
 * Returns: false after an error message. */
bool options_read_connections(const char *text, unsigned *n_connections_out);

/* Parse the value of an option, such as "90s".  `text` may be NULL.
 * Returns: false after an error message. */
bool options_read_duration(const char *option, const char *text, int64_t *ns_out);

/* Read the value of --budget, which is above 0; NULL: leave *ns_out as it is.
 * Returns: false after an error message. */
bool options_read_budget(const char *text, int64_t *ns_out);

/* Print that the graph has no task `name`, and suggest the nearest. */
void complain_of_task(const DagGraph *graph, const char *name);

/* Print that there is no `noun` with the name `word`, and suggest the nearest of `names`. */
void complain_of_word(const char *noun, const char *word, const char *const *names);
