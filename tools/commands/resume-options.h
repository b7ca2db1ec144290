/* SPDX-License-Identifier: MIT */
/*
 * The options of dagrun run that take over results of earlier runs.
 */
#pragma once

#include "commands/command.h"

#include <dagrun/store.h>

typedef struct ResumeOptions {
    gboolean is_on;       /* --resume, or another of these */
    gboolean only_failed; /* --only-failed */
    gboolean run_all;     /* --force */
    char *from_text;      /* --from */
    char **rerun;         /* --rerun, TASK,TASK… */
    int64_t from;         /* parsed; 0: the newest run */
    bool *must_run;       /* [n_tasks], owned; NULL: none */
} ResumeOptions;

/* Append the options. */
void resume_options_add(ResumeOptions *options, GArray *entries);

/* Read their values.  `has_store`: the run has a store.  Returns: false after an error message. */
bool resume_options_read(ResumeOptions *options, bool has_store);

/* Find the tasks of --rerun and all that depend on them.  Returns: false after an error message. */
bool resume_options_find_tasks(ResumeOptions *options, const DagGraph *graph);

/*
 * Set *memory_out to the memory of the run, or NULL if the store in the directory cannot be used.
 * Returns: false after an error message: the run that is to be resumed cannot be read, or still goes on.
 */
bool resume_options_memory(const ResumeOptions *options, const char *directory,
                           DagStoreWriter *writer, const char *graph,
                           const DagMemory **memory_out);

void resume_options_clear(ResumeOptions *options);
