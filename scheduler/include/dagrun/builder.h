/* SPDX-License-Identifier: MIT */
/*
 * Building a graph: declare in any order, then finish.  The builder finds everything that can be
 * wrong with a graph, and collects the findings, so that an author sees all of them at once.
 *
 * A builder is used by one thread.  Strings passed in are copied.
 */
#pragma once

#include <dagrun/graph.h>
#include <dagrun/policy.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagBuilder DagBuilder; /* a graph that is being built */

/* A value of a parameter in a run; `name` and `value` are borrowed. */
typedef struct DagSetting {
    const char *name;
    const char *value;
    bool is_private; /* only this user can read its source, as a secret requires */
    /* The name of a file from which it comes, which messages begin with; or NULL. */
    const char *source;
} DagSetting;

/* The declaration of a parameter. */
typedef struct DagParamSpec {
    const char *name; /* a C identifier */
    const char *title;
    const char *type; /* as in the format: "string", "boolean", …; NULL is "string" */
    const char *default_value;
    const char *choices; /* separated by white space; only with type "choice" */
    bool is_secret;      /* then there is no default */
    /* An attribute was invalid, and the caller has complained: declare only the name. */
    bool is_incomplete;
    DagLocation location, name_location, type_location, default_location, choices_location;
} DagParamSpec;

/* A name and a value: an attribute or a variable. */
typedef struct DagPair {
    const char *name;
    const char *value; /* NULL: it was invalid, and the caller has complained */
    /* Of the declaration, the name, the value. */
    DagLocation location, name_location, value_location;
} DagPair;

/* The declaration of an element of a kind. */
typedef struct DagElementSpec DagElementSpec;
struct DagElementSpec {
    const char *name;
    const DagPair *attributes; /* [n_attributes] */
    size_t n_attributes;
    const char *text;               /* or NULL */
    const DagElementSpec *children; /* [n_children] */
    size_t n_children;
    DagLocation location;
};

/* The declaration of a pool. */
typedef struct DagPoolSpec {
    const char *name;
    uint32_t slots;     /* 0: without limit; then there must be a rate or tokens */
    DagRate rate;       /* count 0: none */
    uint32_t burst;     /* 0: what the rate allows in a second, rounded up */
    DagRate tokens;     /* of language models; count 0: without limit */
    bool is_incomplete; /* as in DagParamSpec */
    DagLocation location, name_location;
} DagPoolSpec;

/* The declaration of a machine (see "A machine of unlike workers" in docs/format.md): what holds between workers that no link names. */
typedef struct DagMachineSpec {
    double bandwidth;   /* amount of data per second, above 0; 0: 1 */
    int64_t latency_ns; /* at least 0 */
    DagLocation location;
} DagMachineSpec;

/* The declaration of a worker of the machine. */
typedef struct DagWorkerSpec {
    const char *name;
    double speed; /* above 0; 0: 1 */
    DagLocation name_location;
} DagWorkerSpec;

/* The declaration of a link between two workers, in both directions unless the other one is declared,
 * too. */
typedef struct DagLinkSpec {
    const char *from, *to; /* names of workers */
    double bandwidth;      /* 0: that of the machine */
    int64_t latency_ns;    /* negative: that of the machine */
    DagLocation location;
} DagLinkSpec;

/* The declaration of the costs of a task on each worker. */
typedef struct DagCostsSpec {
    const char *of;      /* the task */
    const char *seconds; /* a number for each worker, in order, separated by white space */
    DagLocation location;
} DagCostsSpec;

/* The declaration of the data that a task sends to another, which needs it. */
typedef struct DagDataSpec {
    const char *from, *to; /* tasks */
    double size;           /* at least 0 */
    DagLocation location;
} DagDataSpec;

/* The declaration of a task.  Everything but the name may be zero; locations are for messages. */
typedef struct DagTaskSpec {
    const char *name;
    const char *title; /* or NULL */
    const char *needs; /* names separated by white space, or NULL */
    const char *when;  /* a condition over parameters, or NULL */
    const char *dir;   /* may hold references, or NULL */
    /* Pools, each "name" or "name:slots", separated by white space; or NULL. */
    const char *uses;
    /* Paths of files, separated by white space, which may refer to parameters; or NULL.  See DagTaskFiles. */
    const char *inputs, *outputs;
    double cost; /* seconds; see DAG_ZERO */
    int32_t priority;
    DagPolicy policy;
    const DagPair *variables; /* [n_variables], values may hold references */
    size_t n_variables;
    const DagKind *kind; /* borrowed by the graph; NULL: a milestone that does nothing */
    const DagPair *attributes; /* [n_attributes], of the kind's element */
    size_t n_attributes;
    const char *text;               /* of the kind's element, or NULL */
    const DagElementSpec *children; /* [n_children], of the kind's element */
    size_t n_children;
    /* [n_kind_attributes]: attributes of the kind on the task element. */
    const DagPair *kind_attributes;
    size_t n_kind_attributes;
    /* The configuration of a kind without configure(); borrowed by the graph. */
    const void *config;
    /* For a kind with has_own_codes: its `expect` and `retry-on`, or NULL. */
    const char *expect, *retry_on;
    DagLocation location, name_location, needs_location, when_location, dir_location,
        uses_location, expect_location, kind_location, inputs_location, outputs_location;
} DagTaskSpec;

/* The variables of a condition; the same for all conditions of a graph. */
typedef struct DagScope {
    const DagParam *params; /* [n_params], with values */
    size_t n_params;
    void *data; /* condition_data of DagBuildOptions */
} DagScope;

/*
 * Evaluate a condition.
 * Returns: false with `error` set if `expression` is not a condition.
 */
typedef bool (*DagCondition)(const char *expression, const DagScope *scope, bool *holds_out,
                             GError **error);

/* A problem that a user can solve; only the program knows how: its options or its forms. */
typedef enum DagProblem {
    DAG_PROBLEM_NO_VALUE,      /* the parameter called `name` has no value */
    DAG_PROBLEM_NO_SECRET,     /* the same of a secret parameter */
    DAG_PROBLEM_PUBLIC_SECRET, /* the value of the secret parameter `name` is not private */
    DAG_PROBLEM_EXCLUDED, /* a task is excluded; the setting `name`, such as "x=true", includes it */
    DAG_PROBLEM_OUTSIDE, /* the included file `name` is outside of the graph's directory */
} DagProblem;

/*
 * Return the end of the message about a problem: advice with its punctuation, such as "; the form
 * asks for it".  NULL: the end is the library's, and gives no advice.  The library frees it with
 * g_free().  Called on the thread that builds the graph.
 */
typedef char *(*DagAdvise)(DagProblem problem, const char *name);

/*
 * Take a warning about a graph that is valid: one line without a newline, such as
 * "graph.xml:3:5: warning: …".  Called on the thread that builds the graph.
 */
typedef void (*DagWarn)(const char *line, void *data);

/* Options of building a graph; zeroed, they are the defaults. */
typedef struct DagBuildOptions {
    const DagSetting *settings; /* [n_settings] */
    size_t n_settings;
    /* NULL-terminated: keep these tasks and their predecessors; NULL keeps all.  `*`, `?` and `[…]`
     * stand for parts of names, as in a shell. */
    const char *const *targets;
    /* NULL-terminated: exclude these tasks as if they had a condition that is false; patterns as
     * above.  NULL: none. */
    const char *const *without;
    DagCondition condition; /* NULL: tasks with a condition are errors */
    void *condition_data;   /* passed to condition() */
    bool lenient;           /* for checking: parameters may have no value */
    bool only_plans; /* nothing will run: only conditions need the values of parameters */
    /* The value of secret parameters without one, of type string; NULL: none. */
    const char *secret_stand_in;
    /* NULL-terminated, "NAME=VALUE": the environment that tasks inherit.  NULL: unknown. */
    const char *const *environment;
    DagAdvise advise; /* NULL: no advice */
    DagWarn warn;     /* NULL: warnings are dropped */
    void *warn_data;  /* passed to warn() */
} DagBuildOptions;

/* Return a builder without declarations; free it with dag_builder_free(). */
DagBuilder *dag_builder_new(void);

/* Free the builder, but not a graph made by it; NULL is fine. */
void dag_builder_free(DagBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagBuilder, dag_builder_free)

/* Set the graph's name; NULL, the default: "graph". */
void dag_builder_set_name(DagBuilder *builder, const char *name);

/* Set the graph's title; NULL, the default: none. */
void dag_builder_set_title(DagBuilder *builder, const char *title);

/* Set the directory of relative paths; NULL, the default: the working directory.  Call it before
 * parameters are added, whose defaults may be paths. */
void dag_builder_set_directory(DagBuilder *builder, const char *absolute);

/* Set the output directory, which may refer to parameters. */
void dag_builder_set_output(DagBuilder *builder, const char *output, DagLocation location);

/* Set the users that may read the files with outputs that scripts get; the default is only the user
 * who runs dagrun. */
void dag_builder_set_readers(DagBuilder *builder, DagReaders readers);

/* Set the name of the strategy for runs that choose none. */
void dag_builder_set_strategy(DagBuilder *builder, const char *strategy);

/* Add a parameter. */
void dag_builder_add_param(DagBuilder *builder, const DagParamSpec *spec);

/* Give the phase of task `of` a title. */
void dag_builder_add_phase_title(DagBuilder *builder, const char *title, const char *of,
                                 DagLocation of_location);

/* Add a pool, which tasks may use that are declared before or after. */
void dag_builder_add_pool(DagBuilder *builder, const DagPoolSpec *spec);

/* Declare the machine; a graph has at most one.  Its parts, below, may be declared before or after. */
void dag_builder_add_machine(DagBuilder *builder, const DagMachineSpec *spec);

/* Add a worker to the machine. */
void dag_builder_add_worker(DagBuilder *builder, const DagWorkerSpec *spec);

/* Set the bandwidth and latency between two workers. */
void dag_builder_add_link(DagBuilder *builder, const DagLinkSpec *spec);

/* Set the costs of a task on each worker. */
void dag_builder_add_costs(DagBuilder *builder, const DagCostsSpec *spec);

/* Add data that a task sends to another. */
void dag_builder_add_data(DagBuilder *builder, const DagDataSpec *spec);

/*
 * Add a declaration of a kind's own, which tasks may use that are declared before or after.
 * `type` is borrowed by the graph.
 */
void dag_builder_add_declaration(DagBuilder *builder, const DagDeclarationType *type,
                                 const DagElementSpec *spec);

/*
 * Add a task; the tasks it needs may be declared later.  Calls the kind's configure().
 * O(length of the declaration), amortized.
 */
void dag_builder_add_task(DagBuilder *builder, const DagTaskSpec *spec);

/* Add a finding of the caller's own; the graph will not be built. */
void dag_builder_complain(DagBuilder *builder, DagLocation location, const char *format,
                          ...) G_GNUC_PRINTF(3, 4);

/* Add a warning of the caller's own; the graph will be built. */
void dag_builder_warn(DagBuilder *builder, DagLocation location, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Return true if there are so many findings that no more will be shown. */
bool dag_builder_is_hopeless(const DagBuilder *builder);

/*
 * Check everything and build the graph.  O(tasks + dependencies).  The builder takes no more
 * declarations; free it.  `options` may be NULL.
 *
 * Returns: the graph, or NULL with DAG_ERROR_INVALID, DAG_ERROR_CYCLE or DAG_ERROR_SETTING.
 */
DagGraph *dag_builder_finish(DagBuilder *builder, const DagBuildOptions *options,
                             GError **error);

/* Give up after dag_builder_complain(): set `error` to DAG_ERROR_INVALID with the findings. */
void dag_builder_abandon(DagBuilder *builder, GError **error);

G_END_DECLS
