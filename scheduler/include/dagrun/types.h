/* SPDX-License-Identifier: MIT */
/*
 * The types that every other header uses: task numbers, lists of them, locations in files,
 * numbers that may be left out, the outcomes of tasks, and users.
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

/* The number of no task. */
#define DAG_TASK_NONE UINT32_MAX

/* A borrowed list of tasks; lives as long as the object that returned it. */
typedef struct DagIds {
    const DagTaskId *ids; /* [n] */
    size_t n;
} DagIds;

/*
 * Numbers in specs, policies and options may be left out: 0 means "not given", so that a zeroed
 * struct gives nothing.  DAG_ZERO, like any number below 0, gives the number zero.
 */
#define DAG_ZERO (-1)

/* Return the number that `value` gives, or `otherwise` if it is not given. */
static inline int64_t
dag_given(int64_t value, int64_t otherwise)
{
    return value == 0 ? otherwise : value < 0 ? 0 : value;
}

/* Return the field that gives the number `value`, at least 0. */
static inline int64_t
dag_give(int64_t value)
{
    return value == 0 ? DAG_ZERO : value;
}

/* The file, line and column of a declaration.  A graph built in C has no file and line 0. */
typedef struct DagLocation {
    const char *file; /* borrowed, or NULL */
    uint32_t line;    /* from 1 */
    uint32_t column;  /* from 1, in bytes */
} DagLocation;

/* The outcome of a task. */
typedef enum DagOutcome {
    DAG_PENDING,   /* has not ended yet; never seen in a finished run */
    DAG_SUCCEEDED, /* ran and succeeded */
    DAG_FAILED,    /* ran and failed, or could not be started */
    DAG_TIMED_OUT, /* exceeded its time limit */
    DAG_BLOCKED,   /* did not run: a predecessor did not succeed */
    DAG_CANCELLED, /* did not run, or was ended, because the run was stopped */
    DAG_REUSED, /* did not run: its result is that of an earlier run, which counts as a success */
} DagOutcome;

/* The number of outcomes. */
#define DAG_N_OUTCOMES 7

/* Return true if a task with this outcome has done its work, in this run or an earlier one. */
static inline bool
dag_outcome_is_success(DagOutcome outcome)
{
    return outcome == DAG_SUCCEEDED || outcome == DAG_REUSED;
}

/* The bytes of an argument of a program, or of a variable with its name and "=", with the NUL: the
 * kernel's MAX_ARG_STRLEN, 32 pages of 4 KiB. */
#define DAG_MAX_ARGUMENT ((size_t)131072)

/* The word for the outcome of an excluded task, which has none: it is not part of the graph. */
#define DAG_OUTCOME_EXCLUDED "excluded"

/* Return the outcome's word in reports, such as "timed-out"; static. */
const char *dag_outcome_name(DagOutcome outcome);

/* The users that may read the files with outputs that scripts get. */
typedef enum DagReaders {
    DAG_READERS_USER,  /* the user who runs dagrun */
    DAG_READERS_GROUP, /* and the group of that user */
    DAG_READERS_ALL,
} DagReaders;

G_END_DECLS
