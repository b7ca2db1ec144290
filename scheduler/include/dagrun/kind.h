/* SPDX-License-Identifier: MIT */
/*
 * A kind is what a task does.  The scheduler knows kinds only through this contract; the kinds
 * that dagrun comes with live in libdagrun-tasks, and a program may bring its own.
 *
 * A kind is a constant: it names its XML element, says which attributes that may carry, turns
 * the element into a configuration when the graph is built, and runs it later, any number of
 * times and from several threads at once.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/template.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagContext DagContext; /* one running task; see context.h */
typedef struct DagElement DagElement; /* the element that declares a task's kind */
typedef struct DagGraph DagGraph;     /* what was declared; see graph.h */
typedef struct DagEngine DagEngine;   /* state shared by the tasks of a run; see engine.h */
typedef struct DagJob DagJob;         /* one attempt of a connection kind; see engine.h */

/* The capacity that a task occupies while it runs. */
typedef enum DagOccupies {
    DAG_OCCUPIES_WORKER, /* one of the threads of `-j N`; the kind has run() */
    DAG_OCCUPIES_CONNECTION, /* one of the transfers under way; the kind has start(), cancel() */
} DagOccupies;

/* What an attribute of a kind holds; the builder checks and converts it. */
typedef enum DagAttributeType {
    DAG_ATTRIBUTE_TASK,     /* a task whose output is read; implies the dependency */
    DAG_ATTRIBUTE_DURATION, /* such as "500ms" */
} DagAttributeType;

/* One attribute that the element of a kind may carry. */
typedef struct DagAttribute {
    const char *name;
    DagAttributeType type;
    bool required;
} DagAttribute;

/* What tasks of this kind do.  Only `name` and run() must be there. */
typedef struct DagKind {
    const char *name;               /* the XML element, such as "exec" */
    const char *summary;            /* one line, for `dagrun list kinds` */
    const DagAttribute *attributes; /* [n_attributes] */
    size_t n_attributes;            /* how many it may carry */
    bool takes_text;                /* the element holds text, and must */
    bool reads_needs;               /* may read the output of every task it depends on */
    bool has_exit_code; /* its tasks end with one, told by dag_context_set_exit_code() */
    /* Its tasks run for microseconds and never block: where all of a graph do, and none is known
     * to cost 2 µs or more, a worker may take several at once. */
    bool is_tiny;
    DagOccupies occupies;    /* the capacity that a task of this kind occupies */
    const DagEngine *engine; /* state that its tasks share during a run, or NULL */

    /*
     * Reads the task's configuration.  Called once, by the thread that builds the graph; must
     * not touch the outside world.  Memory comes from dag_element_alloc() and dies with the
     * graph.  NULL where there is nothing to configure.
     *
     * Returns: the configuration handed to the other functions (NULL is a fine one), with
     *   `error` set when it is bad: a sentence of what is wrong, without the place.
     */
    void *(*configure)(DagElement *element, GError **error);

    /*
     * Does the work.  Called on a worker thread; may block, but must return soon after
     * dag_context_cancel_level() has risen, which dag_context_poll() tells.  `config` is shared
     * with other threads.
     *
     * Returns: DAG_SUCCEEDED, DAG_FAILED (after dag_context_set_reason()) or, having ended early
     *   because it was told to, DAG_CANCELLED.
     */
    DagOutcome (*run)(DagContext *context, const void *config);

    /*
     * Connection kinds, instead of run(): start an attempt and return at once.  Every started job
     * is ended by one call of dag_job_finish(), which start() may make itself.  I/O thread.
     */
    void (*start)(DagJob *job, const void *config);

    /*
     * Connection kinds: make the job end soon (DAG_CANCEL_TERM) or at once (DAG_CANCEL_KILL); it
     * ends with DAG_CANCELLED unless it has a better outcome already.  May be called any number
     * of times, also after dag_job_finish(); it does nothing then.  I/O thread.
     */
    void (*cancel)(DagJob *job, DagCancelLevel level);

    /*
     * Appends what would run, on one or more lines without a final newline, for people to
     * read: parameters stand with their values, outputs not known yet as `${task}`.  Any thread.
     */
    void (*describe)(const DagGraph *graph, const void *config, GString *out);
} DagKind;

/* Memory that lives as long as the graph; zeroed, aligned for any type.  Never NULL. */
void *dag_element_alloc(DagElement *element, size_t size);

/* Returns: a copy of `text` that lives as long as the graph. */
const char *dag_element_strdup(DagElement *element, const char *text);

/* Returns: the element's text, without blank lines around it; "" if none.  Borrowed until
 * configure() returns. */
const char *dag_element_text(const DagElement *element);

/*
 * Copies `text` with its `${…}` references into the graph; those to tasks become dependencies.
 * Returns: a template that lives as long as the graph, or NULL and DAG_ERROR_INVALID.
 */
const DagTemplate *dag_element_template(DagElement *element, const char *text,
                                        GError **error);

/* Returns: the template that stands for the output named by a DAG_ATTRIBUTE_TASK attribute,
 * or NULL where the attribute is absent. */
const DagTemplate *dag_element_task(const DagElement *element, const char *name);

/* Returns: nanoseconds of a DAG_ATTRIBUTE_DURATION attribute, or -1 where it is absent. */
int64_t dag_element_duration_ns(const DagElement *element, const char *name);

/* Tells what the task is expected to cost, in seconds, unless its author declared it. */
void dag_element_suggest_cost(DagElement *element, double seconds);

G_END_DECLS
