/* SPDX-License-Identifier: MIT */
/*
 * The memory of a run that is stored: it keeps keys for the writer, and recalls results of earlier runs.
 */
#pragma once

#include "store/kept-keys.h"

#include <dagrun/store.h>

typedef struct Recall Recall;

/* Create the memory for a run of the graph; see dag_store_writer_memory().  Returns: NULL with DAG_ERROR_IO. */
Recall *dag__recall_new(const char *directory, const char *graph_path,
                        const DagStoreResume *resume, GError **error);
void dag__recall_free(Recall *recall);

/* Return the contract for dag_execute(); borrowed. */
const DagMemory *dag__recall_memory(const Recall *recall);

/* Return the keys of tasks that have ended. */
KeptKeys *dag__recall_keys(const Recall *recall);

/* Return the run that is resumed; 0: none. */
int64_t dag__recall_run(const Recall *recall);

/* Return true if the run that is resumed has a result of the task called `name`. */
bool dag__recall_has_result(const Recall *recall, const char *name);
