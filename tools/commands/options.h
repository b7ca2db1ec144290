/* SPDX-License-Identifier: MIT */
/*
 * Options of commands: parsing as people expect it of make, and what several commands share.
 */
#pragma once

#include <dagrun/dagrun.h>
#include <glib.h>
#include <stdbool.h>

/* The graph that a command is about, and how to look at it. */
typedef struct GraphOptions {
    char *directory;        /* -C */
    char **settings;        /* --set, NAME=VALUE */
    char **set_env;         /* --set-env, NAME=VARIABLE */
    char **set_file;        /* --set-file, NAME=FILE */
    char *rule_name;        /* --phases */
    gboolean allow_include; /* --allow-include */
    char **words;           /* GRAPH.xml [TASK…] */
    DagPhaseRule rule;      /* of rule_name */
} GraphOptions;

/* What options_parse() has to know. */
typedef struct CommandLine {
    const char *usage;   /* behind the command's name, such as "GRAPH.xml [TASK…]" */
    const char *summary; /* for --help, above the options */
    const GOptionEntry *entries; /* of the command */
    GraphOptions *graph;         /* adds the options of a graph, or NULL */
    gboolean *allow_include; /* adds that option to a command without `graph`, or NULL */
} CommandLine;

/*
 * Parses `argv`, the first of which is the command's name.  A value may stand right behind a
 * short option, as in -j4; what follows "--" is no option.
 *
 * Returns: the words that are no options, NULL-terminated, free with g_strfreev() (with
 *   `line->graph` they are put there too); or NULL to stop with *status_out, --help or an error
 *   having been printed.
 */
char **options_parse(const CommandLine *line, char **argv, int *status_out);

/*
 * Loads the graph that `options` name, after changing to their directory.
 * Returns: NULL, and complains, with *status_out set.
 */
DagGraph *options_load(GraphOptions *options, bool lenient, int *status_out);

void graph_options_clear(GraphOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GraphOptions, graph_options_clear)

/* Complains that `word` is no `noun`, with the nearest of `names` as a hint; EXIT_USAGE. */
int complain_of_word(const char *noun, const char *word, const char *const *names);
