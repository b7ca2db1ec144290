/* SPDX-License-Identifier: MIT */
/*
 * The parts of the soak: draw a case (case.c), write its graph and options (write.c), run dagrun
 * (run.c), read the record (record.c), and check it (check.c and verify.c).
 *
 * The seed of a case determines the graph, the chores and the options.  Timing is not
 * reproducible.
 */
#pragma once

#include <dagrun/policy.h>
#include <dagrun/strategy.h>
#include <sys/types.h>

#include "chore.h"
#include "random-graph.h"

#define NO_TASK UINT32_MAX

/* Properties drawn for a task in addition to the random graph. */
typedef struct SoakTask {
    const Chore *chore;
    int code;         /* exit code, unless the chore has its own */
    uint32_t n_bad;   /* of a fickle chore: number of attempts that fail */
    bool mute;        /* of a fickle chore: the successful attempt prints nothing */
    uint32_t source;  /* of a reader: the task whose output it reads */
    DagPolicy policy; /* as declared */
    GArray *preds;    /* of uint32_t: predecessors; excluded ones are replaced by theirs */
} SoakTask;

/* A signal sent to dagrun.  The first is sent after `load_percent` of dagrun's usual start-up time
 * plus the delay. */
typedef struct Signal {
    int number;       /* of the signal */
    int64_t delay_ns; /* the second's counts from the first */
    unsigned load_percent;
} Signal;

typedef struct Case {
    uint64_t seed;
    RandomGraph *random;
    SoakTask *tasks; /* [random->n] */

    /* Options of dagrun. */
    const DagStrategy *strategy;
    unsigned n_workers;
    unsigned retries;
    int64_t timeout_ns; /* 0: none */
    int64_t grace_ns;
    const char *verbosity; /* "-q", … or NULL */
    bool keep_going;
    bool closed_output; /* standard output is a pipe without a reader */

    unsigned n_signals;
    Signal signals[2];
} Case;

Case *case_new(uint64_t seed);
void case_free(Case *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Case, case_free)

/* Returns: the maximum number of attempts of the task. */
unsigned case_attempts(const Case *c, uint32_t task);

/* Get the limits of the number of times that the source of a reader has printed its name when the
 * reader starts; `most_out` may get LINES_ANY. */
void case_lines(const Case *c, uint32_t reader, int *least_out, int *most_out);

/* Returns: the graph as XML; free with g_free(). */
char *case_xml(const Case *c);

/* Returns: the arguments for dagrun, the program's name first; free with g_strfreev(). */
char **case_arguments(const Case *c, const char *program);

/* The files of one case, all in one directory. */
typedef struct CaseFiles {
    char *directory; /* contains graph.xml, timings.json, out, err, and files of tasks */
    char *temporary; /* TMPDIR of the run */
    char *mark;      /* "NAME=VALUE": in the environment of each process of the run */
    int64_t load_ns; /* usual time from the program's start to its first task */
} CaseFiles;

/* Observations of a run from outside. */
typedef struct Sight {
    bool hung;         /* had to be killed */
    int status;        /* of waitpid() */
    unsigned n_sent;   /* signals sent while it ran */
    int64_t lasted_ns; /* from its start to its end */
    bool has_printed;  /* output is not empty */
    GString *problems; /* one per line */
} Sight;

/* Measure how long the program takes to run an empty graph: a little more than its start-up
 * time. */
int64_t soak_measure_load(const char *program);

/* Run `program` on the case.  The caller must be a subreaper. */
void soak_run(const Case *c, const CaseFiles *files, const char *program, Sight *sight);

typedef struct Attempt {
    int64_t start_ns;
    int64_t end_ns;
    DagOutcome outcome;
    int code; /* or CODE_NONE */
} Attempt;

typedef struct TaskRecord {
    unsigned n_seen; /* number of times it is in the record */
    DagOutcome outcome;
    GArray *attempts; /* of Attempt; empty: never started */
} TaskRecord;

/* The record of a run, as written by dagrun. */
typedef struct Record {
    size_t n;          /* tasks of the graph, excluded ones too */
    TaskRecord *tasks; /* [n] */
    bool *excluded;    /* [n] */
    bool succeeded;
    int signal;       /* 0: none */
    char *stopped_by; /* the reason that ended the run early, or NULL */
    int64_t duration_ns;
    unsigned n_workers;
} Record;

/* Returns: the record; NULL if there is no such file, or if it is not valid, which is added to
 * `problems`. */
Record *record_read(const Case *c, const char *path, GString *problems);
void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

/* Check a run and append problems to sight->problems.  `record` is NULL if there is none. */
void soak_check(const Case *c, const Record *record, Sight *sight);

/* Check a record by dag_verify(). */
void soak_verify(const char *graph_path, const char *record_path, GString *problems);

/* Append a line to `problems`. */
void complain(GString *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);
