/* SPDX-License-Identifier: MIT */
/*
 * Builds a graph: declare in any order, then finish.  Everything that can be wrong with a graph
 * is found here; the findings are collected, so that an author sees all of them at once.
 *
 * A builder is used by one thread.  Strings passed in are copied.
 */
#pragma once

#include <dagrun/graph.h>
#include <dagrun/policy.h>
#include <dagrun/types.h>

G_BEGIN_DECLS

typedef struct DagBuilder DagBuilder; /* a graph in the making */

/* A value for a parameter, given to a run; `name` and `value` are borrowed. */
typedef struct DagSetting {
    const char *name;
    const char *value;
    bool is_private; /* it comes from where nobody else sees it, as a secret has to */
} DagSetting;

/* A parameter as it is declared; all strings are copied. */
typedef struct DagParamSpec {
    const char *name; /* a C identifier */
    const char *title;
    const char *type; /* as in the format: "string", "boolean", …; NULL is "string" */
    const char *default_value;
    const char *choices; /* separated by white space; only with type "choice" */
    bool is_secret;      /* then there is no default */
    bool
        is_incomplete; /* something was bad, and the caller has complained: only the name is
                           declared */
    DagLocation location, name_location, type_location, default_location, choices_location;
} DagParamSpec;

/*
 * A name and a value: an attribute or a variable.  The value of an attribute is NULL where it
 * was bad and the caller has complained.
 */
typedef struct DagPair {
    const char *name;
    const char *value;
    DagLocation location, name_location,
        value_location; /* of the declaration, the name, the value */
} DagPair;

/* An element of a kind as it is declared. */
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

/* A pool as it is declared. */
typedef struct DagPoolSpec {
    const char *name;
    uint32_t slots;     /* at least 1 */
    bool is_incomplete; /* as in DagParamSpec */
    DagLocation location, name_location;
} DagPoolSpec;

/* A task as it is declared.  All but the name may be left at zero; places are for messages. */
typedef struct DagTaskSpec {
    const char *name;
    const char *title; /* or NULL */
    const char *needs; /* names separated by white space, or NULL */
    const char *when;  /* a condition over parameters, or NULL */
    const char *dir;   /* may hold references, or NULL */
    const char
        *uses;   /* pools, each "name" or "name:slots", separated by white space; or NULL */
    double cost; /* seconds; see DAG_ZERO */
    int32_t priority;
    DagPolicy policy;
    const DagPair *variables; /* [n_variables], values may hold references */
    size_t n_variables;
    const DagKind *kind; /* borrowed by the graph; at most 256 different ones.  NULL: a
                            milestone that does nothing */
    const DagPair *attributes; /* [n_attributes], of the kind's element */
    size_t n_attributes;
    const char *text;               /* of the kind's element, or NULL */
    const DagElementSpec *children; /* [n_children], of the kind's element */
    size_t n_children;
    const DagPair *kind_attributes; /* [n_kind_attributes]: the kind's own on <task> */
    size_t n_kind_attributes;
    const void *config; /* used as it is where the kind has no configure(); borrowed by the
                           graph */
    DagLocation location, name_location, needs_location, when_location, dir_location,
        uses_location, expect_location, kind_location;
} DagTaskSpec;

/* What a condition may be about; the same for all conditions of a graph. */
typedef struct DagScope {
    const DagParam *params; /* [n_params], with values */
    size_t n_params;
    void *data; /* as in DagBuildOptions */
} DagScope;

/*
 * Decides a condition.
 * Returns: false with `error` set if `expression` is not one.
 */
typedef bool (*DagCondition)(const char *expression, const DagScope *scope, bool *holds_out,
                             GError **error);

/* How a graph is made of what was declared; all zero is a good choice. */
typedef struct DagBuildOptions {
    const DagSetting *settings; /* [n_settings] */
    size_t n_settings;
    const char *const
        *targets;           /* NULL-terminated: keep these tasks and what they need; NULL
                                   keeps all */
    DagCondition condition; /* NULL: no task may have one */
    void *condition_data;   /* for it */
    bool lenient;           /* parameters without a value are fine: only checking */
} DagBuildOptions;

/* Returns: a builder in which nothing is declared; free with dag_builder_free(). */
DagBuilder *dag_builder_new(void);

/* Frees the builder, spent or not, but no graph that came of it; NULL is fine. */
void dag_builder_free(DagBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DagBuilder, dag_builder_free)

/* Sets the graph's name; NULL, as at first: none. */
void dag_builder_set_name(DagBuilder *builder, const char *name);

/* Sets the graph's title for people; NULL, as at first: none. */
void dag_builder_set_title(DagBuilder *builder, const char *title);

/* Sets the directory that relative paths start from; the working directory at first.  Call it
 * before parameters are added, whose defaults may be paths. */
void dag_builder_set_directory(DagBuilder *builder, const char *absolute);

/* Sets the output directory, which may refer to parameters. */
void dag_builder_set_output(DagBuilder *builder, const char *output, DagLocation location);

/* Declares a parameter. */
void dag_builder_add_param(DagBuilder *builder, const DagParamSpec *spec);

/* Gives the phase that task `of` will be in a title. */
void dag_builder_add_phase_title(DagBuilder *builder, const char *title, const char *of,
                                 DagLocation of_location);

/* Declares a pool, which tasks may use that are declared before or after. */
void dag_builder_add_pool(DagBuilder *builder, const DagPoolSpec *spec);

/*
 * Add a declaration of a kind's own, which tasks may use that are declared before or after.
 * `type` is borrowed by the graph.
 */
void dag_builder_add_declaration(DagBuilder *builder, const DagDeclarationType *type,
                                 const DagElementSpec *spec);

/*
 * Declares a task; what it needs may be declared later.  Calls the kind's configure().
 * Cost: O(length of the declaration), amortized.
 */
void dag_builder_add_task(DagBuilder *builder, const DagTaskSpec *spec);

/* Notes a finding of the caller's own; the graph will not come to be. */
void dag_builder_complain(DagBuilder *builder, DagLocation location, const char *format,
                          ...) G_GNUC_PRINTF(3, 4);

/* Returns: whether so many findings were noted that looking for more is of no use. */
bool dag_builder_is_hopeless(const DagBuilder *builder);

/*
 * Checks everything and makes the graph; O(tasks + dependencies).  The builder is spent: free
 * it.  `options` may be NULL.
 *
 * Returns: the graph, or NULL with DAG_ERROR_INVALID, DAG_ERROR_CYCLE or DAG_ERROR_SETTING.
 */
DagGraph *dag_builder_finish(DagBuilder *builder, const DagBuildOptions *options,
                             GError **error);

/*
 * Gives up: for a caller that noted findings and could not read on.  The builder is spent.
 * `error` is set to DAG_ERROR_INVALID with what was noted.
 */
void dag_builder_abandon(DagBuilder *builder, GError **error);

G_END_DECLS
