/* SPDX-License-Identifier: MIT */
/*
 * Shared parts of the functions that read the store.
 */
#pragma once

#include "store/texts.h"

#include <dagrun/graph.h>
#include <dagrun/store.h>

struct DagStore {
    Database *database;
    Texts texts;
};

/* Close the store, but keep its database.  Returns: the database; close it. */
Database *dag__store_take_database(DagStore *store);

/* Sort [n] numbers, at least 0, and return their median; -1 if there are none. */
int64_t dag__median(int64_t *numbers, size_t n);

/* Return the parameters of a graph as a JSON object, as the store has them: without secrets. */
GString *dag__params_json(const DagGraph *graph);
