/* SPDX-License-Identifier: MIT */
/*
 * Removing old runs.
 */
#pragma once

#include "store/texts.h"

typedef struct PruneLimits {
    const char *path; /* of a graph, whose runs are counted only; NULL: all graphs */
    int64_t n_runs;   /* of a graph, at least 1 */
    int64_t n_bytes;  /* of the store; INT64_MAX: not limited */
    int64_t most;     /* do not remove more than this many runs at once */
} PruneLimits;

/*
 * Remove the oldest runs of each graph that has more than `n_runs`, and then the oldest of all until the store fits.
 * The newest run of all stays, and so do runs that have not ended and whose process runs.  No transaction may be open.
 * *n_removed_out: how many were removed.
 * Returns: false with DAG_ERROR_IO.
 */
bool dag__prune(Texts *texts, const PruneLimits *limits, int64_t *n_removed_out,
                GError **error);

/* Remove old runs if there are too many of the graph of `run`, or the store is too large; not many at once, since
 * the program ends only then.  The next run will see what goes wrong here. */
void dag__prune_after(Texts *texts, int64_t run);

/* Return true if a run of this host that is in the store goes on. */
bool dag__prune_is_in_use(const Database *database);

/* Return the bytes that the store takes, without the unused pages of its file; 0 on an error. */
int64_t dag__prune_size(const Database *database);
