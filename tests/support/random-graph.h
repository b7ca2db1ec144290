/* SPDX-License-Identifier: MIT */
/*
 * Random graphs determined by a seed: empty, one task, chains, wide, layered, sparse, trees, forks
 * and joins; declared in topological order or in a random one.
 */
#pragma once

#include <dagrun/builder.h>

/* A random graph.  Each task needs tasks with smaller numbers only; task 7 is named "t7".  The
 * order of declaration may be different. */
typedef struct RandomGraph {
    const char *shape; /* for messages */
    uint32_t n;
    GArray **needs;      /* [n], of uint32_t, without duplicates */
    bool *excluded;      /* [n] */
    int32_t *priorities; /* [n] */
    DagPolicy *policies; /* [n] */
    char **uses;         /* [n]; NULL: nothing */
    uint32_t n_pools;    /* named "p0", … */
    uint32_t slots[3];   /* [n_pools] */
    DagRate rates[3];    /* [n_pools] */
    uint32_t *declared;  /* [n]: tasks in order of declaration */
} RandomGraph;

typedef struct RandomGraphOptions {
    uint32_t max_tasks;        /* at least 1 */
    uint32_t excluded_percent; /* of the tasks */
    bool priorities;
    bool pools;
    bool rates;              /* some of the pools have one, of some starts in 0.1 ms */
    uint32_t policy_percent; /* of the tasks: clean-ups, failures allowed, retries */
} RandomGraphOptions;

RandomGraph *random_graph_new(uint64_t seed, const RandomGraphOptions *options);
void random_graph_free(RandomGraph *random);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RandomGraph, random_graph_free)

/*
 * Build the graph.  `kinds` are [n_kinds]; task i is of kinds[i % n_kinds].  If the kind takes
 * text, it is "${t1}${t2}…": the outputs of all predecessors.
 */
DagGraph *random_graph_build(const RandomGraph *random, const DagKind *const *kinds,
                             size_t n_kinds);
