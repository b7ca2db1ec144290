/* SPDX-License-Identifier: MIT */
/*
 * The mark of a run: the variable DAGRUN_RUN in the environment of its processes.  It stays with
 * a process that changes its process group or session, or loses its parent.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The variable, and the "=" that follows. */
#define DAG__MARK_PREFIX "DAGRUN_RUN="

/* The mark that a process carries. */
typedef enum MarkFound {
    MARK_NONE,  /* none, or one of another dagrun process */
    MARK_OWN,   /* that of this run, or of a run within it */
    MARK_OTHER, /* that of another run of this process */
} MarkFound;

/* Return "DAGRUN_RUN=PID.RANDOM", unique to one run; free with g_free().  Within a task of another
 * run, the value is that of the outer run, a slash, and PID.RANDOM. */
char *dag__mark_new(void);

/* Return the mark with which the process was started, compared with `mark`.  MARK_NONE too if its
 * environment cannot be read, as that of a zombie. */
MarkFound dag__mark_find(pid_t pid, const char *mark);
