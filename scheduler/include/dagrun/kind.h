/* SPDX-License-Identifier: MIT */
/*
 * A kind is the type of a task's action.  The scheduler knows kinds only through this contract.  The
 * kinds of dagrun are in libdagrun-tasks; a program may have its own.
 *
 * A kind is a constant.  It names its XML element with the attributes and child elements, makes a
 * configuration of it when the graph is built, and runs the configuration later, any number of times
 * and on several threads at once.
 */
#pragma once

#include <dagrun/cancel.h>
#include <dagrun/template.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagContext DagContext; /* one running attempt of a task; see context.h */
typedef struct DagElement DagElement; /* the element that declares a task's kind */
typedef struct DagGraph DagGraph;     /* the declared tasks; see graph.h */
typedef struct DagEngine DagEngine;   /* state shared by the tasks of a run; see engine.h */
typedef struct DagJob DagJob;         /* one attempt of a connection kind; see engine.h */
typedef struct DagKey DagKey;         /* the key of a task in a memory; see memory.h */

/* The capacity that a task occupies while it runs. */
typedef enum DagOccupies {
    DAG_OCCUPIES_WORKER,     /* one of n_workers threads; the kind has run() */
    DAG_OCCUPIES_CONNECTION, /* one of the connections; the kind has start() and cancel() */
} DagOccupies;

/* The number of kinds of units: workers, connections. */
#define DAG_N_OCCUPIES 2

/* The type of an attribute's value; the builder checks and converts it. */
typedef enum DagAttributeType {
    DAG_ATTRIBUTE_TASK,     /* a task whose output is read; implies the dependency */
    DAG_ATTRIBUTE_DURATION, /* such as "500ms" */
    DAG_ATTRIBUTE_TEXT,     /* text, used as it is written */
    DAG_ATTRIBUTE_TEMPLATE, /* text with ${…} references, which imply dependencies */
    DAG_ATTRIBUTE_NUMBER,   /* a decimal number from `min` to `max` */
    DAG_ATTRIBUTE_SIZE,     /* a number of bytes, such as "8MiB" */
    DAG_ATTRIBUTE_CHOICE,   /* one of `choices` */
    DAG_ATTRIBUTE_BOOLEAN,  /* true or false */
    DAG_ATTRIBUTE_WORDS,    /* words separated by white space */
    DAG_ATTRIBUTE_NAME,     /* the name of a declaration; exactly one, required, in each */
    DAG_ATTRIBUTE_DECLARED, /* the name of a declaration with the element `of` */
    /* Of a declaration: pools, as in `uses` of a task.  Each task with a DECLARED attribute that names the declaration
     * uses them; of a pool that the task names itself, the task's own number of slots counts. */
    DAG_ATTRIBUTE_USES,
    /* Of a declaration: how many tasks with such an attribute may run at a time.  In plans and reports it is a pool
     * called, for example, "connections of ai", by the names of the attribute and the declaration. */
    DAG_ATTRIBUTE_SLOTS,
} DagAttributeType;

/* An attribute that an element may have. */
typedef struct DagAttribute {
    const char *name;
    DagAttributeType type;
    bool required;
    double min, max;            /* of a NUMBER, both inclusive; both 0: any number */
    const char *const *choices; /* of a CHOICE, NULL-terminated */
    const char *of;             /* of a DECLARED: an element in the kind's declarations */
    DagEscape escape;           /* of a TEMPLATE */
    /* Of a TEMPLATE, or NULL: the reason why a secret does not belong there, and a better place.  A
     * reference to a secret is a warning then, unless it is the begin of a URL. */
    const char *no_secret;
    /*
     * Of a BOOLEAN, or NULL: a resource of which there is one, such as "/dev/tty".  A task for which
     * the attribute is true uses it while it runs; so no two such tasks run at the same time.  In
     * plans and reports it is a pool of this name with one slot.  A declared pool never has such a
     * name, if it does not begin with a letter or "_".
     */
    const char *resource;
} DagAttribute;

/* How often an element occurs in its parent. */
typedef enum DagOccurs {
    DAG_OCCURS_OPTIONAL, /* at most once */
    DAG_OCCURS_ONCE,
    DAG_OCCURS_ANY,  /* any number of times */
    DAG_OCCURS_SOME, /* at least once */
} DagOccurs;

/* The text of an element. */
typedef enum DagTextRule {
    DAG_TEXT_NONE,     /* nothing but white space */
    DAG_TEXT_OPTIONAL, /* any text */
    DAG_TEXT_REQUIRED, /* text that is not blank */
} DagTextRule;

/* An element within a kind's element.  Children stand in any order. */
typedef struct DagElementType DagElementType;
struct DagElementType {
    const char *name;
    const DagAttribute *attributes; /* [n_attributes] */
    size_t n_attributes;
    const DagElementType *children; /* [n_children], nested up to 16 levels */
    size_t n_children;
    DagOccurs occurs;
    DagTextRule text;
};

/* A named element beside the tasks, which tasks use by its name: a service, an account. */
typedef struct DagDeclarationType {
    DagElementType element; /* with one DAG_ATTRIBUTE_NAME; references are to parameters */
    /* Read the declaration; as DagKind.configure(). */
    void *(*configure)(DagElement *element, GError **error);
} DagDeclarationType;

/* A declaration that an attribute names.  Lives as long as the graph. */
typedef struct DagDeclared DagDeclared;

/* A kind.  Only `name` and run() (or start() and cancel()) are required. */
typedef struct DagKind {
    const char *name;               /* the XML element, such as "exec" */
    const char *summary;            /* one line, for lists of kinds */
    const DagAttribute *attributes; /* [n_attributes], of the element */
    size_t n_attributes;            /* of attributes */
    const DagElementType *children; /* [n_children], of the element */
    size_t n_children;              /* of children */
    /* [n_task_attributes]: further attributes of the task element. */
    const DagAttribute *task_attributes;
    size_t n_task_attributes; /* of task_attributes */
    /* NULL-terminated, or NULL.  Kinds may share one. */
    const DagDeclarationType *const *declarations;
    bool takes_text; /* the element must hold text */
    /* Its tasks get the parameters, and the names of files with the outputs of the tasks they
     * depend on, as environment variables; see dag_graph_task_outputs(). */
    bool reads_needs;
    bool has_exit_code; /* its tasks report one with dag_context_set_exit_code() */
    /* It reads `expect` and `retry-on` of its tasks itself, as words of its own rather than exit codes:
     * dag_element_expect(), dag_element_retry_on(). */
    bool has_own_codes;
    /* Its tasks tell the tokens that they have used by dag_context_add_usage().  Of other tasks in a pool
     * with tokens, the estimate counts. */
    bool counts_tokens;
    /* Its tasks run for microseconds and never block.  If all kinds of a graph are tiny, and no
     * task is known to cost 2 µs or more, a worker may take several tasks at once. */
    bool is_tiny;
    DagOccupies occupies;    /* the capacity that a task of this kind occupies */
    const DagEngine *engine; /* state that its tasks share during a run, or NULL */

    /*
     * Make the task's configuration from its element, which fits the tables.  Called once, on the
     * thread that builds the graph; must have no effects outside of it.  Memory comes from
     * dag_element_alloc() and lives as long as the graph.  NULL: nothing to configure.
     *
     * Returns: the configuration for the other functions (may be NULL); sets `error` to the
     *   problem, without a location, if it is invalid.
     */
    void *(*configure)(DagElement *element, GError **error);

    /*
     * Run an attempt.  Called on a worker thread.  May block, but must return soon after
     * dag_context_cancel_level() has risen; dag_context_poll() returns then.  `config` is shared
     * with other threads.
     *
     * Returns: DAG_SUCCEEDED; DAG_FAILED, after dag_context_set_reason(); DAG_CANCELLED if it
     *   ended early because of the cancel level.
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
     * Add to `key` all that determines what an attempt would do and say, by dag_key_add_text() and its
     * like: the configuration with its values, the outputs that it reads, its directory and variables.  The
     * name of the kind, the exit codes of success and the predecessors that it does not read are added
     * by the run.  Must have no effects.  Called on the thread that would run the attempt, if the run
     * has a memory.  NULL: tasks of this kind always run.
     *
     * Returns: false with `error` set if it cannot be said; then the task runs.
     */
    bool (*identify)(DagContext *context, const void *config, DagKey *key, GError **error);

    /*
     * Append a description of the action for people, on one or more lines without a final newline:
     * parameters with their values, outputs that are not known yet as `${task}`.  Any thread.
     */
    void (*describe)(const DagGraph *graph, const void *config, GString *out);
} DagKind;

/*
 * The functions below are for configure(), on the thread that builds the graph.  Attributes are
 * asked for by the name and type in the kind's table.
 */

/* Return zeroed memory that lives as long as the graph, aligned for any type.  Never NULL. */
void *dag_element_alloc(DagElement *element, size_t size);

/* Return a copy of `text` that lives as long as the graph. */
const char *dag_element_strdup(DagElement *element, const char *text);

/* Return the element's text without the blank lines around it; "" if there is none.  Borrowed
 * until configure() returns. */
const char *dag_element_text(const DagElement *element);

/* Add a warning about the element, such as "<exec> has no shell"; the graph will be built. */
void dag_element_warn(DagElement *element, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * Copy `text` with its ${…} references into the graph; those to tasks become dependencies.
 * Returns: a template that lives as long as the graph, or NULL and DAG_ERROR_INVALID.
 */
const DagTemplate *dag_element_template(DagElement *element, const char *text,
                                        GError **error);

/*
 * Do the same; the values of references are escaped for the text around them.
 * Returns: NULL with DAG_ERROR_INVALID also if the text is not JSON, although `escape` says so.
 */
const DagTemplate *dag_element_escaped(DagElement *element, const char *text,
                                       DagEscape escape, GError **error);

/* How certain it is that a text uses an environment variable that only dagrun can have set. */
typedef enum DagCertainty {
    DAG_MENTIONED, /* the name occurs in the text */
    DAG_POSSIBLE, /* used; something else may set it, or the text provides for its absence */
    DAG_CERTAIN,  /* used, and nothing else sets it */
    DAG_LITERAL,  /* written as `$name` where nothing replaces it */
} DagCertainty;

/* A use of an environment variable in the text of an element. */
typedef struct DagVariableUse {
    const char *name; /* without "$" */
    size_t length;    /* of name; 0: it begins with a letter that no variable has */
    /* Of the text from `name` on that could be the id of a task: of "make-list" in `$make-list`. */
    size_t id_length;
    bool is_braced; /* the id ends at a brace: `${make-list}` */
    DagCertainty certainty;
} DagVariableUse;

/* Note that the element's text uses a variable.  Names of tasks and parameters that the task cannot
 * have are reported when the graph is complete. */
void dag_element_add_variable(DagElement *element, const DagVariableUse *use);

/* Return the number of child elements called `name`; NULL: of all. */
size_t dag_element_n_children(const DagElement *element, const char *name);

/* Return the child called `name` with this index, from 0, or NULL.  With a `name` of NULL, all children
 * count, in the order in which they are written. */
DagElement *dag_element_child(DagElement *element, const char *name, size_t index);

/* Return the element's name.  Lives as long as the graph is built. */
const char *dag_element_name(const DagElement *element);

/* Return the absolute directory of relative paths in the graph; NULL: the working directory. */
const char *dag_element_directory(const DagElement *element);

/* Return the task element around a kind's element.  Its attributes are the kind's
 * task_attributes. */
const DagElement *dag_element_of_task(const DagElement *element);

/* Return the template for the output of the task that a DAG_ATTRIBUTE_TASK attribute names; NULL
 * if it is absent. */
const DagTemplate *dag_element_task(const DagElement *element, const char *name);

/* Return the nanoseconds of a DAG_ATTRIBUTE_DURATION attribute; -1 if it is absent. */
int64_t dag_element_duration_ns(const DagElement *element, const char *name);

/* Return the text of a DAG_ATTRIBUTE_TEXT attribute; NULL if it is absent.  Lives as long as the
 * graph. */
const char *dag_element_string(const DagElement *element, const char *name);

/* Return the text of a DAG_ATTRIBUTE_TEMPLATE attribute; NULL if it is absent. */
const DagTemplate *dag_element_reference(const DagElement *element, const char *name);

/* Return the value of a DAG_ATTRIBUTE_NUMBER attribute; `otherwise` if it is absent. */
double dag_element_number(const DagElement *element, const char *name, double otherwise);

/* Return the bytes of a DAG_ATTRIBUTE_SIZE attribute; `otherwise` if it is absent. */
int64_t dag_element_size(const DagElement *element, const char *name, int64_t otherwise);

/* Return the index in `choices` of a DAG_ATTRIBUTE_CHOICE attribute; `otherwise` if it is absent. */
int dag_element_choice(const DagElement *element, const char *name, int otherwise);

/* Return the value of a DAG_ATTRIBUTE_BOOLEAN attribute; `otherwise` if it is absent. */
bool dag_element_boolean(const DagElement *element, const char *name, bool otherwise);

/* Return the words of a DAG_ATTRIBUTE_WORDS attribute, NULL-terminated; none if it is absent.  They
 * live as long as the graph. */
const char *const *dag_element_words(const DagElement *element, const char *name);

/* Return the declaration that a DAG_ATTRIBUTE_DECLARED attribute names; NULL if it is absent. */
const DagDeclared *dag_element_declared(const DagElement *element, const char *name);

/* Return the declaration called `name` with the element `of`, an element in the kind's declarations, which the graph
 * must have: for names within a value, of which no attribute's type knows. */
const DagDeclared *dag_element_named(DagElement *element, const char *of, const char *name);

/* Return the name of a declaration. */
const char *dag_declared_name(const DagDeclared *declared);

/*
 * Return the configuration of a declaration.  It may stand after the task that names it, and is
 * NULL until it has been read; the configurations in a finished graph are complete.
 */
const void *dag_declared_config(const DagDeclared *declared);

/* Return the words of the task's `expect` and `retry-on`, NULL if absent, for a kind with has_own_codes.
 * Borrowed until configure() returns. */
const char *dag_element_expect(const DagElement *element);
/* The same for `retry-on`. */
const char *dag_element_retry_on(const DagElement *element);

/* Set the time limit of the task's attempts unless its author declared one. */
void dag_element_suggest_timeout(DagElement *element, int64_t timeout_ns);

/* Set the number of further attempts of the task after one that failed, unless its author declared one. */
void dag_element_suggest_retries(DagElement *element, unsigned retries);

/* Set the tokens that an attempt of the task is estimated to use. */
void dag_element_suggest_tokens(DagElement *element, uint64_t tokens);

/* Set the expected cost of the task, in seconds, unless its author declared one. */
void dag_element_suggest_cost(DagElement *element, double seconds);

G_END_DECLS
