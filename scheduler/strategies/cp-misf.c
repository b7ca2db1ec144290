/* SPDX-License-Identifier: MIT */
/*
 * Critical path, most immediate successors first (CP/MISF; Kasahara and Narita, 1984): as critical-path,
 * and of tasks with equal ranks, the one with the most direct successors goes first.  Differs from
 * critical-path only where ranks are equal, as among whole or unknown costs.
 */
#include "strategies/strategies.h"

#include <float.h>
#include <string.h>

/* The last bits of a key count successors, so the rank keeps 40 of its 52 bits.  Ranks that differ
 * by less than about 1e-12 of their size are equal: that much is rounding. */
#define SUCCESSOR_BITS UINT64_C(0xfff)

/* Return a key that is ordered by rank, then by number of successors. */
static double
key_of(double rank, size_t n_successors)
{
    double most = DBL_MAX, key;
    uint64_t bits, most_bits;

    memcpy(&bits, &rank, sizeof(bits));
    memcpy(&most_bits, &most, sizeof(most_bits));
    bits +=
        (SUCCESSOR_BITS + 1) / 2; /* to the nearest; a carry into the exponent is right */
    bits = MIN(bits, most_bits) & ~SUCCESSOR_BITS;
    bits |= MIN(n_successors, SUCCESSOR_BITS);
    memcpy(&key, &bits, sizeof(key));
    return key;
}

static void
cp_misf_keys(const DagPlan *plan, uint64_t seed, double *key_out)
{
    const DagGraph *graph = dag_plan_graph(plan);
    size_t n = dag_graph_n_tasks(graph);

    (void)seed;
    for (DagTaskId id = 0; id < n; id++)
        key_out[id] = key_of(dag_plan_rank(plan, id), dag_graph_successors(graph, id).n);
}

const DagStrategy dag__strategy_cp_misf = {
    .name = "cp-misf",
    .summary = "as critical-path; of equal chains, most successors first",
    .source = "Kasahara & Narita 1984 (CP/MISF)",
    .release = DAG_RELEASE_READY,
    .order = DAG_ORDER_KEY,
    .keys = cp_misf_keys,
};
