/* SPDX-License-Identifier: MIT */
/*
 * The small words every other header speaks: task numbers, lists of them, places in files,
 * and the ways a task can end.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/*
 * A task within its graph: dense, from 0, and topological, so that every dependency of a task
 * has a smaller number than the task itself.
 */
typedef uint32_t DagTaskId;

/* The number that no task has. */
#define DAG_TASK_NONE UINT32_MAX

/* A borrowed list of tasks; lives as long as the object it was asked from. */
typedef struct DagIds {
    const DagTaskId *ids; /* [n] */
    size_t n;
} DagIds;

/* Where something was declared.  A graph built in C has no file and line 0. */
typedef struct DagLocation {
    const char *file; /* borrowed, or NULL */
    uint32_t line;    /* from 1 */
    uint32_t column;  /* from 1, in bytes */
} DagLocation;

/* What became of a task. */
typedef enum DagOutcome {
    DAG_PENDING,   /* not decided yet; never seen in a finished run */
    DAG_SUCCEEDED, /* ran, and did what it should */
    DAG_FAILED,    /* ran, and did not; or could not be started */
    DAG_TIMED_OUT, /* ran longer than it may */
    DAG_BLOCKED,   /* did not run: a predecessor did not succeed */
    DAG_CANCELLED, /* did not run, or was ended, because the run was stopped */
} DagOutcome;

/* The number of outcomes. */
#define DAG_N_OUTCOMES 6

/* Returns: the word of the vocabulary, such as "timed-out"; static. */
const char *dag_outcome_name(DagOutcome outcome);

G_END_DECLS
