/* SPDX-License-Identifier: MIT */
/*
 * Random graphs that a seed decides: empty, one task, chains, wide, layered, sparse, trees,
 * forks and joins; declared in topological or any other order.
 */
#pragma once

#include <dagrun/builder.h>

/* What was drawn.  Tasks are numbered so that each needs smaller numbers only; task 7 is called
 * "t7".  The order of declaration is another one. */
typedef struct RandomGraph {
    const char *shape; /* for people */
    uint32_t n;
    GArray **needs;      /* [n], of uint32_t, without duplicates */
    bool *excluded;      /* [n] */
    int32_t *priorities; /* [n] */
    DagPolicy *policies; /* [n] */
    char **uses;         /* [n]; NULL: nothing */
    uint32_t n_pools;    /* called "p0", … */
    uint32_t slots[3];   /* [n_pools] */
    uint32_t *declared;  /* [n]: the order of declaration */
} RandomGraph;

typedef struct RandomGraphOptions {
    uint32_t max_tasks;        /* at least 1 */
    uint32_t excluded_percent; /* of the tasks */
    bool priorities;
    bool pools;
    uint32_t policy_percent; /* of the tasks: clean-ups, failures allowed, retries */
} RandomGraphOptions;

RandomGraph *random_graph_new(uint64_t seed, const RandomGraphOptions *options);
void random_graph_free(RandomGraph *random);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RandomGraph, random_graph_free)

/*
 * Declares the tasks.  `kinds` are [n_kinds]; task i is of kinds[i % n_kinds].  One that takes
 * text gets "${t1}${t2}…": the outputs of all that it needs.
 */
DagGraph *random_graph_build(const RandomGraph *random, const DagKind *const *kinds,
                             size_t n_kinds);
