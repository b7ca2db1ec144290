/* SPDX-License-Identifier: MIT */
/*
 * The store: the runs of a user and their tasks, in a directory.  A run is written by an observer while it goes on,
 * and read by any process, also meanwhile.  No secret is ever written.
 *
 * Any number of processes may use a store at once.  A DagStore is used by one thread at a time.
 */
#pragma once

#include <dagrun/execute.h>
#include <dagrun/run.h>

G_BEGIN_DECLS

typedef struct DagStore DagStore;             /* a store that is read */
typedef struct DagStoreWriter DagStoreWriter; /* the observer that writes one run */

/* Facts about a run that its record does not have.  All texts are copied. */
typedef struct DagStoreAbout {
    const char *directory;  /* of the store; created if it does not exist */
    const char *graph_path; /* absolute: the file of the graph */
    const char *version;    /* of the program */
    /* Open in this directory, or NULL: taken over, which saves opening it again. */
    DagStore *store;
} DagStoreAbout;

/* The runs of a graph, and the bytes of a store, that are kept: at its end, each run removes older ones. */
#define DAG_STORE_MOST_RUNS 100
/* The bytes of a store. */
#define DAG_STORE_MOST_BYTES ((int64_t)1 << 30)

/* Return a writer for one run.  Nothing is opened before the first task has started. */
DagStoreWriter *dag_store_writer_new(const DagStoreAbout *about);

/*
 * Return the observer of the run.  If it is the first in the list, no other observer learns of the end of a task
 * before that is stored.  A store that cannot be written is given up for the rest of the run.
 */
DagObserver dag_store_writer_observer(DagStoreWriter *writer);

/* The results of earlier runs that a run takes over. */
typedef struct DagStoreResume {
    int64_t from; /* the run whose results are taken; 0: the newest of the graph */
    /* Of the graph that is run, [n_tasks]: tasks that run in any case; borrowed until the run has ended.  NULL:
     * none. */
    const bool *must_run;
    /* Take over each task that succeeded there, by its name, whatever has changed. */
    bool only_failed;
    /* Take nothing over: no run is resumed, and DagPolicy.cache_ns does not count. */
    bool run_all;
} DagStoreResume;

/*
 * Return the memory for the run, for DagExecuteOptions.memory; borrowed from the writer.  With it, the store has the
 * keys of tasks, so that the run can be resumed.  `resume` NULL: no run is resumed.
 *
 * A task with DagPolicy.cache_ns takes the newest result with its key of any earlier run of any graph, if it had
 * that policy there.
 *
 * A run that resumes another takes the results of that, and of those that that one resumed; of each task the newest.
 * Returns: NULL with DAG_ERROR_IO; then the run goes on without.
 */
const DagMemory *dag_store_writer_memory(DagStoreWriter *writer,
                                         const DagStoreResume *resume, GError **error);

/* Return the number of the run that is resumed; 0: there is none. */
int64_t dag_store_writer_resumes(const DagStoreWriter *writer);

/* Store the end of the run that dag_execute() has returned, and its summary. */
void dag_store_writer_finish(DagStoreWriter *writer, const DagRun *run,
                             const char *summary);

/* Return why the run is not, or not completely, in the store, or that a damaged store was moved aside; borrowed.
 * NULL: all is well. */
const char *dag_store_writer_problem(const DagStoreWriter *writer);

/* Return the number of the run in the store; 0: it has none. */
int64_t dag_store_writer_run(const DagStoreWriter *writer);

/* Close the store.  NULL is fine. */
void dag_store_writer_free(DagStoreWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagStoreWriter, dag_store_writer_free)

/* A run in the store.  The texts belong to it. */
typedef struct DagStoredRun {
    int64_t id;          /* from 1, in the order in which runs began; never used again */
    char *path;          /* of the graph's file */
    char *graph;         /* its name */
    char *strategy;      /* its name */
    char *host;          /* on which it ran */
    char *version;       /* of the program */
    char *parameters;    /* a JSON object */
    char *failed;        /* the first tasks that failed; "" if none did */
    char *summary;       /* or NULL */
    int64_t process;     /* of the program */
    int64_t started_us;  /* since 1970 */
    int64_t duration_ns; /* -1: it has not ended */
    int64_t makespan_ns; /* -1: it has not ended */
    /* The median duration of up to DAG_STORE_RECENT successes of the graph before it in which all tasks ran; -1: there
     * was none. */
    int64_t median_ns;
    uint32_t n_workers;
    uint32_t n_connections;
    uint32_t n_tasks;
    uint32_t n_succeeded; /* of those stored */
    /* Of these: taken over from earlier runs; 0 before the run has ended. */
    uint32_t n_reused;
    DagStop stop; /* why it ended early */
    int signal;   /* that it was cancelled with, or 0 */
    bool succeeded;
    bool is_going; /* it has not ended, and its process runs */
} DagStoredRun;

/* The number of earlier runs that a run is compared with. */
#define DAG_STORE_RECENT 10

/* An attempt that another one followed. */
typedef struct DagStoredAttempt {
    unsigned number; /* from 1 */
    int64_t start_ns;
    int64_t end_ns;
    DagOutcome outcome;
    int exit_code;    /* or DAG_EXIT_NONE */
    char *reason;     /* or NULL */
    GString *written; /* the text that it wrote; NULL: not known */
} DagStoredAttempt;

/* A task of a run in the store. */
typedef struct DagStoredTask {
    char *name;
    uint32_t number;  /* position of its declaration, from 0 */
    uint32_t phase;   /* from 1 */
    int64_t start_ns; /* since the run began; -1: never started */
    int64_t end_ns;   /* -1 likewise */
    int64_t busy_ns;  /* without the pauses between attempts; -1 likewise */
    double expected;  /* seconds, as planned; -1: not known */
    double paid;      /* for questions to models; -1: not known */
    DagOutcome outcome;
    int exit_code; /* or DAG_EXIT_NONE */
    unsigned n_attempts;
    bool is_allowed; /* it failed, and was allowed to */
    char *reason;    /* why it did not succeed, or NULL */
    int64_t source;  /* the run in which it ran, if it is DAG_REUSED; else 0 */
} DagStoredTask;

/* Open the store in a directory for reading.  Returns: NULL with DAG_ERROR_IO, also if there is none. */
DagStore *dag_store_open(const char *directory, GError **error);

/* Close it.  NULL is fine. */
void dag_store_close(DagStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagStore, dag_store_close)

/*
 * Return the runs, newest first, of DagStoredRun; those of one graph if `path` is not NULL.  Their summaries are
 * NULL.  Free the array with g_ptr_array_unref().  Returns: NULL with DAG_ERROR_IO.
 */
GPtrArray *dag_store_runs(DagStore *store, const char *path, GError **error);

/* Return one run, of DagStoredRun, or the newest if `id` is 0; free it with dag_stored_run_free().
 * Returns: NULL if there is none, or with DAG_ERROR_IO. */
DagStoredRun *dag_store_run(DagStore *store, int64_t id, GError **error);

/* Free it.  NULL is fine. */
void dag_stored_run_free(DagStoredRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagStoredRun, dag_stored_run_free)

/* Return the tasks of a run that have ended, in order of declaration, of DagStoredTask.  Free the array with
 * g_ptr_array_unref().  Returns: NULL with DAG_ERROR_IO. */
GPtrArray *dag_store_tasks(DagStore *store, int64_t run, GError **error);

/* Return the attempts of a task before its last one, of DagStoredAttempt.  Free the array with g_ptr_array_unref().
 * Returns: NULL with DAG_ERROR_IO. */
GPtrArray *dag_store_attempts(DagStore *store, int64_t run, uint32_t task, GError **error);

/* The result of dag_store_prune(). */
typedef struct DagStorePruned {
    int64_t n_runs; /* removed */
    /* The file has become smaller.  It does not while a run is stored, which would give up waiting for the lock. */
    bool is_compacted;
} DagStorePruned;

/*
 * Remove all but the newest `n_runs` of each graph, or of one if `path` is not NULL, and then the oldest while the store
 * takes more than DAG_STORE_MOST_BYTES; give the space back to the file system unless a run goes on.  The newest run of
 * all stays, and so do runs that go on.
 * Returns: false with DAG_ERROR_IO.
 */
bool dag_store_prune(DagStore *store, const char *path, uint32_t n_runs,
                     DagStorePruned *pruned_out, GError **error);

/* Return the bytes that the store takes. */
int64_t dag_store_size(const DagStore *store);

/* The runs from which durations are learned. */
typedef struct DagLearnFrom {
    const char *path;      /* absolute: the file of the graph */
    const DagGraph *graph; /* with its parameters */
    int64_t before;        /* only runs before this one; 0: all */
} DagLearnFrom;

/*
 * Fill costs_out[n_tasks] with the seconds that each task took: the median of its last five successes, of runs with the
 * same parameters if there are any, else of others; -1 if there is none.  Results that were taken over do not count.
 * Looks at up to 100 runs, fewer of a large graph: takes 50 ms at most, and 150 ms above 20 000 tasks.
 * Returns: the number of tasks that have a cost.
 */
size_t dag_store_learn(DagStore *store, const DagLearnFrom *from, double *costs_out);

/* Fill durations_out[DAG_STORE_RECENT] with the nanoseconds that the newest successful runs of the graph took, with the
 * same parameters and as many tasks, newest first.  Runs that took over a result of another do not count.  Returns: their number. */
size_t dag_store_recent(DagStore *store, const DagLearnFrom *from, int64_t *durations_out);

/*
 * Return true if a run took longer than recent_ns[n] by more than `share` of their median, and by more than their
 * scatter explains: three standard deviations, estimated by the median distance from the median.  *median_ns_out: their
 * median.
 */
bool dag_is_slower(int64_t duration_ns, const int64_t *recent_ns, size_t n, double share,
                   int64_t *median_ns_out);

/* Return the text that a task wrote in its last attempt, both streams in order.  Free it with g_string_free().
 * Returns: NULL if it was not kept, or is not what was stored. */
GString *dag_store_written(DagStore *store, int64_t run, uint32_t task);

/* Return the standard output of a task alone; the rest as dag_store_written(). */
GString *dag_store_output(DagStore *store, int64_t run, uint32_t task);

G_END_DECLS
