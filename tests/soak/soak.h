/* SPDX-License-Identifier: MIT */
/*
 * The parts of the soak: cases (case.c), what of them is written for dagrun (write.c), running
 * it (run.c), what it says of the run (record.c), and whether that makes sense (check.c and
 * times.c).
 *
 * A case is a number, which decides all that is drawn; when things happen is left to chance.
 */
#pragma once

#include <dagrun/policy.h>
#include <dagrun/strategy.h>
#include <sys/types.h>

#include "chore.h"
#include "random-graph.h"

#define NO_TASK UINT32_MAX

/* What was drawn for a task beside the graph. */
typedef struct SoakTask {
    const Chore *chore;
    int code;         /* it ends with, unless the chore has its own */
    uint32_t n_bad;   /* of a fickle one: attempts that fail */
    bool mute;        /* of a fickle one: says nothing when it succeeds */
    uint32_t source;  /* of a reader: whom it reads */
    DagPolicy policy; /* what was declared */
    GArray *preds;    /* of uint32_t: what it waits for, past the excluded ones */
} SoakTask;

/* The first one comes after so much of the time that dagrun takes to begin, and the delay. */
typedef struct Wish {
    int number;       /* of the signal */
    int64_t delay_ns; /* of the second: after the first */
    unsigned load_percent;
} Wish;

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
    const char *talk; /* "-q", … or NULL */
    bool keep_going;
    bool closed_output; /* nobody reads its standard output */

    unsigned n_wishes;
    Wish wishes[2];
} Case;

Case *case_new(uint64_t seed);
void case_free(Case *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Case, case_free)

/* Returns: how many attempts the task may have. */
unsigned case_attempts(const Case *c, uint32_t task);

/* Tells how often the source of a reader has written its name when that starts; `most` may be
 * LINES_ANY. */
void case_lines(const Case *c, uint32_t reader, int *least_out, int *most_out);

/* Returns: the graph as XML; free with g_free(). */
char *case_xml(const Case *c);

/* Returns: the arguments for dagrun, the program's name first; free with g_strfreev(). */
char **case_arguments(const Case *c, const char *program);

/* Where things are, of one case: everything in one directory. */
typedef struct Place {
    char *directory; /* holds graph.xml, timings.json, out, err, and what tasks write */
    char *temporary; /* for whatever a program puts into TMPDIR */
    char *mark;      /* "NAME=VALUE": in the environment of each process of the run */
    int64_t load_ns; /* how long the program usually takes before it runs the first task */
} Place;

/* What was seen of a run from outside. */
typedef struct Sight {
    bool hung;         /* had to be killed */
    int status;        /* of waitpid() */
    unsigned n_sent;   /* wishes that it got while it ran */
    int64_t lasted_ns; /* from its start to its end */
    bool has_spoken;   /* wrote anything */
    GString *problems; /* what was wrong, one a line */
} Sight;

/* Returns: how long the program takes to run an empty graph, which is a little more than it takes
 * to begin with another. */
int64_t soak_measure_load(const char *program);

/* Runs `program` on the case, whose files are in `place`.  The caller must be a subreaper. */
void soak_run(const Case *c, const Place *location, const char *program, Sight *sight);

typedef struct Attempt {
    int64_t start_ns;
    int64_t end_ns;
    DagOutcome outcome;
    int code; /* or CODE_NONE */
    unsigned worker;
} Attempt;

typedef struct TaskRecord {
    unsigned n_seen; /* how often the record has it */
    DagOutcome outcome;
    uint32_t phase;
    GArray *attempts; /* of Attempt; empty: never started */
} TaskRecord;

/* What dagrun says of a run. */
typedef struct Record {
    size_t n;          /* tasks of the graph, excluded ones too */
    TaskRecord *tasks; /* [n] */
    bool *excluded;    /* [n] */
    bool succeeded;
    int signal;       /* 0: none */
    char *stopped_by; /* what ended the run, or NULL: not told, or nothing */
    int64_t counts[DAG_N_OUTCOMES];
    int64_t duration_ns;
    unsigned n_workers;
} Record;

/* Returns: NULL if there is no such file, or if it is not what it should be, which is told. */
Record *record_read(const Case *c, const char *path, GString *problems);
void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

/* Appends to sight->problems what is wrong with the run.  `record` may be NULL: there is none. */
void soak_check(const Case *c, const Record *record, Sight *sight);

/* The part that looks at when things happened. */
void soak_check_times(const Case *c, const Record *record, GString *problems);

/* Appends a line. */
void complain(GString *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);
