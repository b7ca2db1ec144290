/* SPDX-License-Identifier: MIT */
/*
 * The results of one run and of the runs that it resumed, of which it took over what it came to.
 *
 * The newest record of a task counts: an older result of a task that ran once more since then is not taken, since
 * the task may have changed files.
 */
#pragma once

#include "store/database.h"

#include <dagrun/memory.h>

typedef struct Earlier Earlier;

/* A task that has ended. */
typedef struct EarlierTask {
    int64_t run;     /* that has the record */
    int64_t source;  /* in which it ran; 0: it never ran */
    uint32_t number; /* in `run` */
    DagOutcome outcome;
    bool has_key; /* as the next two */
    uint8_t digest[DAG_DIGEST_SIZE];
    char *parts;     /* or NULL */
    char *files;     /* a DagKept.files, or NULL */
    int64_t made_us; /* as of KeptKey */
} EarlierTask;

/*
 * Read the results of the run `from` of a graph, or of its newest if that is 0.
 * Returns: NULL without an error if there is no such run, with DAG_ERROR_IO if it cannot be read.
 */
Earlier *dag__earlier_new(const char *directory, const char *graph_path, int64_t from,
                          GError **error);
void dag__earlier_free(Earlier *earlier);

/* Return the number of the run. */
int64_t dag__earlier_run(const Earlier *earlier);

/* Return the task with this key that succeeded, or NULL; borrowed.  Any thread, as the next. */
const EarlierTask *dag__earlier_by_key(const Earlier *earlier, const uint8_t *digest);

/* Return the newest record of the task called `name`, or NULL; borrowed. */
const EarlierTask *dag__earlier_by_name(const Earlier *earlier, const char *name);

/* Return the output of a task; NULL: it was not kept, or is damaged.  Free it with g_string_free().  Any thread. */
GString *dag__earlier_output(Earlier *earlier, const EarlierTask *task);
