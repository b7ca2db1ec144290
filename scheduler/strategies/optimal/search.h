/* SPDX-License-Identifier: MIT */
/*
 * Depth-first search for a schedule that meets a deadline, or for the proof that there is none.
 */
#pragma once

#include "strategies/optimal/memo.h"
#include "strategies/optimal/windows.h"

typedef enum SearchResult {
    SEARCH_FOUND,     /* `start` is a schedule that meets the deadline */
    SEARCH_EXHAUSTED, /* there is none */
    SEARCH_ENDED,     /* the limit of nodes or time was reached */
} SearchResult;

typedef struct Search Search;

Search *search_new(const Problem *problem, Memo *memo);
void search_free(Search *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Search, search_free)

/* The budget of a search, and the order in which it tries. */
typedef struct SearchLimits {
    uint64_t max_nodes;
    bool (*give_up)(void *data); /* asked now and then */
    void *data;
    const int64_t *preference; /* [n]: among ready tasks, the smallest is tried first */
} SearchLimits;

/* Return how many nodes the last search has visited. */
uint64_t search_n_nodes(const Search *search);

/* Search within the windows; start_out[n] is filled if a schedule was found. */
SearchResult search_run(Search *search, const Windows *windows, const SearchLimits *limits,
                        int64_t *start_out);
