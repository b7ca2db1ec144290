/* SPDX-License-Identifier: MIT */
/*
 * The structure of a builder.  builder.c collects declarations; finish.c, resolve.c, sort.c and
 * freeze.c turn them into a graph.
 *
 * Tasks are numbered as declared, names as first mentioned.  An edge is the number of a name, since
 * a task may need another that is declared later.
 */
#pragma once

#include "model/findings.h"
#include "model/graph.h"
#include "model/numbers.h"
#include "model/template.h"

#include <dagrun/builder.h>

typedef enum NameKind {
    NAME_UNKNOWN, /* mentioned, not declared (yet) */
    NAME_TASK,
    NAME_PARAM,
    NAME_OUTCOME, /* "x.outcome", not declared, while x is a task; known once all is declared */
} NameKind;

/* How a name was mentioned: decides which names are valid, and the message for others. */
typedef enum MentionKind {
    MENTION_NEEDS,  /* needs="x": a task */
    MENTION_READS,  /* stdin="x": a task */
    MENTION_REFERS, /* ${x}: a task or a parameter, or the outcome of a task */
} MentionKind;

/* The first mention of a name, unless it was declared as a task before. */
typedef struct Mention {
    uint32_t name; /* number */
    uint32_t task; /* number of the task that mentions it */
    DagSpot spot;
    MentionKind kind;
} Mention;

/* Small, since there is one per task. */
typedef struct Name {
    const char *text;
    uint32_t target; /* number of the task or parameter, or of the task with the outcome */
    unsigned kind : 2;     /* NameKind */
    unsigned mention : 30; /* number in mentions, plus 1; 0: none */
} Name;

typedef struct NameBucket NameBucket;

/* An edge is the number of a name, with flags. */
#define EDGE_IS_READ      0x40000000U /* reads the output: ${x}, stdin="x", $x in a script */
#define EDGE_MAY_BE_PARAM 0x80000000U /* ${x} */
#define MAX_NAMES         0x3fffffffU
#define NO_NAME           UINT32_MAX

static inline uint32_t
edge_name(uint32_t edge)
{
    return edge & MAX_NAMES;
}

/* Return true if the edge stands for a `${x.outcome}`: a dependency on x that does not read its
 * output.  Only if outcomes were resolved. */
static inline bool
edge_is_of_outcome(uint32_t edge)
{
    return (edge & (EDGE_IS_READ | EDGE_MAY_BE_PARAM)) == EDGE_MAY_BE_PARAM;
}

typedef struct Param {
    DagParam param; /* value: the default, canonical, or NULL */
    DagParamType type;
    DagSpot spot; /* of the name */
    DagSpot default_spot;
} Param;

typedef struct Pool {
    DagPool pool;
    DagSpot spot; /* of the name */
} Pool;

/* An attribute of a task that is read once everything is declared. */
typedef struct TaskText {
    uint32_t task; /* number */
    const char *text;
    DagSpot spot;
} TaskText;

/* A file that a task declares. */
typedef struct FileWord {
    uint32_t task; /* number */
    bool is_output;
    const DagTemplate *path;
    DagSpot spot;
} FileWord;

/* A task names a declaration, and shares its pools. */
typedef struct DeclaredUse {
    uint32_t task; /* number */
    const DagDeclared *declared;
} DeclaredUse;

/* A reference outside of tasks, which must be to a parameter. */
typedef struct Constant {
    uint32_t name; /* number */
    const char *element;
    DagSpot spot;
} Constant;

/* A reference in the value of an attribute where a secret does not belong. */
typedef struct Exposure {
    uint32_t name; /* number */
    const char *element;
    const DagAttribute *attribute;
    DagSpot spot;
} Exposure;

/* A use of an environment variable in the text of a task; see DagVariableUse. */
typedef struct VariableUse {
    uint32_t task; /* number */
    uint32_t name; /* number; NO_NAME: no variable has this name */
    uint32_t id;   /* number of the name that is longer than the variable's, or NO_NAME */
    DagSpot spot;
    bool is_braced;
    DagCertainty certainty;
} VariableUse;

typedef struct Machine Machine; /* the declared machine; see declared-machine.c */

typedef struct PhaseTitle {
    const char *title;
    const char *of;
    DagSpot spot;
} PhaseTitle;

/* A file is included by an element of another. */
typedef struct Inclusion {
    uint32_t file; /* in DagBuilder.files */
    DagSpot by;
} Inclusion;

struct DagBuilder {
    DagArena *arena; /* goes to the graph */
    DagFindings *findings;
    const char *name, *title, *directory;
    DagTemplate *output; /* or NULL */
    DagLocation output_location;
    DagReaders readers;
    const char *strategy; /* or NULL */
    GArray *constants;    /* of Constant */
    GArray *pointed; /* of Constant: references with a JSON pointer; `element` is unused */
    GArray *exposures; /* of Exposure */
    GPtrArray *files;  /* of const char *, in the arena; the first is NULL: no file */
    GHashTable *file_numbers; /* file to its number in files, from 1 */
    uint32_t last_file;       /* of the last declaration */
    GArray *inclusions;       /* of Inclusion, in the order in which files were read */
    GArray *names;            /* of Name */
    GArray *mentions;         /* of Mention */
    NameBucket *buckets;      /* [n_buckets]: hash table of names */
    uint32_t n_buckets;
    bool has_outcome_names; /* a name ends with DAG__OUTCOME_SUFFIX */
    GArray *params;         /* of Param */
    GArray *tasks;          /* of DagTask, as declared; goes to the graph */
    GArray *actions;        /* of DagAction, per task; goes to the graph */
    DagNumbers edges;
    DagNumbers first_edges; /* [n tasks] */
    GArray *variable_uses;  /* of VariableUse, in order of their tasks */
    GArray *outputs;        /* of DagOutputList, per task, with numbers of tasks; or NULL */
    GArray *titles;         /* of PhaseTitle */
    GArray *pools;          /* of Pool */
    GHashTable *pool_numbers; /* name to its number in pools + 1 */
    Machine *machine;         /* or NULL */
    GArray *conditions;       /* of TaskText: the `when` of tasks */
    GArray *uses;             /* of TaskText: the `uses` of tasks */
    GArray *file_words;       /* of FileWord, in order of their tasks */
    GArray *resources;        /* of TaskText: see DagAttribute.resource */
    GArray *declared_uses;    /* of DeclaredUse */
    GHashTable *declared;     /* set of DagDeclared, by element and name */
    GPtrArray *declarations;  /* the same, as first mentioned */
    GHashTable *tables; /* kinds and types of declarations to whether they are valid */
    const DagKind *last_kind; /* the kind checked last, which is valid */
    GHashTable *titled;       /* PhaseTitle.of to its index in titles + 1 */
    GPtrArray *templates;     /* of DagTemplate *: those with references */
};

static inline Name *
name_at(const DagBuilder *builder, uint32_t number)
{
    return &g_array_index(builder->names, Name, number);
}

static inline DagTask *
task_at(const DagBuilder *builder, uint32_t number)
{
    return &g_array_index(builder->tasks, DagTask, number);
}

static inline Param *
param_at(const DagBuilder *builder, uint32_t number)
{
    return &g_array_index(builder->params, Param, number);
}

static inline uint32_t
edge_at(const DagBuilder *builder, uint32_t number)
{
    return builder->edges.items[number];
}

static inline uint32_t
first_edge(const DagBuilder *builder, uint32_t task)
{
    return builder->first_edges.items[task];
}

/* Return the number after the last edge of `task`. */
static inline uint32_t
edges_end(const DagBuilder *builder, uint32_t task)
{
    return task + 1 < builder->first_edges.n ? first_edge(builder, task + 1)
                                             : builder->edges.n;
}

/* Return the first mention of `name`, a parameter that a task mentions. */
static inline const Mention *
mention_of(const DagBuilder *builder, const Name *name)
{
    g_assert(name->mention > 0);
    return &g_array_index(builder->mentions, Mention, name->mention - 1);
}

DagLocation dag__builder_location(const DagBuilder *builder, DagSpot spot);

/* Append "line 3", or "line 3 of parts/x.xml" if that is not `from`. */
void dag__builder_cite(const DagBuilder *builder, DagSpot spot, const char *from,
                       GString *out);

/* names.c */

/* Return the number of the name, or NO_NAME. */
uint32_t dag__builder_find_name(const DagBuilder *builder, const char *text);

/* Return the name, or NULL. */
const Name *dag__builder_name(const DagBuilder *builder, const char *text);

/* Return the number of the name text[0, length); add it if it is new. */
uint32_t dag__builder_number_of(DagBuilder *builder, const char *text, size_t length);

/* Free the hash table of names, which is not needed any more. */
void dag__builder_forget_names(DagBuilder *builder);

/* Note a mention by the task declared last.  Return the number of the name text[0, length). */
uint32_t dag__builder_mention(DagBuilder *builder, const char *text, size_t length,
                              MentionKind kind, DagLocation location);

/* Add a dependency of the task declared last on the name; `flags` as above. */
void dag__builder_add_edge(DagBuilder *builder, uint32_t name, uint32_t flags);

/*
 * Parse text of the task declared last, or of `element` outside of tasks (else NULL), and note its
 * references.
 * Returns: NULL with DAG_ERROR_INVALID.
 */
DagTemplate *dag__builder_add_template(DagBuilder *builder, const char *text,
                                       const char *element, DagLocation location,
                                       GError **error);

/* element.c: pass the task's element to its kind.  If `*cost`, or the timeout or the retries of `*policy`
 * (see DAG_ZERO), is not given, set it to the suggestion of the kind.
 * Returns: the configuration. */
const void *dag__builder_configure(DagBuilder *builder, const DagTaskSpec *spec,
                                   double *cost, DagPolicy *policy);

/* resolve.c: check names, set parameters, evaluate conditions.  Complains about the graph; returns
 * false with DAG_ERROR_SETTING about the settings. */
bool dag__builder_resolve(DagBuilder *builder, const DagBuildOptions *options,
                          bool *excluded_out, GError **error);

/* variables.c: note a use of a variable by the task declared last. */
void dag__builder_add_variable_use(DagBuilder *builder, const DagVariableUse *use,
                                   DagLocation location);

/* variables.c: report a finding about a use, as an error if it is certain, else as a warning. */
void dag__builder_report_use(const DagBuilder *builder, const VariableUse *use,
                             bool is_certain, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* variables.c: find the variables of all scripts, and check that they can have them.  `environment`
 * is that of DagBuildOptions; warn about variables that it loses if `warns`. */
void dag__builder_resolve_variables(DagBuilder *builder, const char *const *environment,
                                    bool warns);

/* outcomes.c: find the references to outcomes among the names and edges. */
void dag__builder_resolve_outcomes(DagBuilder *builder);

/* outcomes.c: find the variables that tell clean-ups how other tasks ended, and check the uses of such
 * variables. */
void dag__builder_resolve_outcome_variables(DagBuilder *builder);

/* resolve.c: return the "did you mean" for a name of `kind` (NAME_UNKNOWN: any); free with g_free().
 * Empty if the finding will not be shown: a million mistakes must not cost a million searches. */
char *dag__builder_suggest(const DagBuilder *builder, const char *wanted, NameKind kind);

/* required.c: return false with DAG_ERROR_SETTING if a parameter without a value is needed by the
 * tasks that are wanted, or by their conditions. */
bool dag__builder_require_values(const DagBuilder *builder, const DagBuildOptions *options,
                                 const bool *excluded, const bool *wanted, GError **error);
bool dag__builder_require_condition_values(const DagBuilder *builder,
                                           const DagBuildOptions *options,
                                           const bool *wanted, GError **error);

/* Return true if the parameter has a value that fits into an environment variable. */
bool dag__param_fits(const DagParam *param);

/* Complain about variables that are too long for the kernel, in tasks that are wanted and not
 * excluded. */
void dag__builder_check_lengths(DagBuilder *builder, const bool *excluded,
                                const bool *wanted);

/* pool-uses.c: note that the task declared last uses `resource`, of which there is one; NULL: none. */
void dag__builder_use_one(DagBuilder *builder, const char *resource);

/* pool-uses.c: note that the task declared last names the declaration. */
void dag__builder_use_declared(DagBuilder *builder, const DagDeclared *declared);

/* declared-files.c: keep the paths of files of the task declared last. */
void dag__builder_add_files(DagBuilder *builder, const DagTaskSpec *spec);

/* declared-files.c: set the files of all tasks, and add the dependencies that they imply.
 * `is_lenient`: parameters may have no value. */
void dag__builder_resolve_files(DagBuilder *builder, bool is_lenient, const bool *excluded);

/* pool-uses.c: read the pool uses of all tasks. */
void dag__builder_resolve_uses(DagBuilder *builder);

/* declared-machine.c: check the declarations of the machine; fill in the costs of tasks that declare none. */
void dag__builder_check_machine(DagBuilder *builder);

/* declared-machine.c: make the graph's table; id_of[n declared] has the ids, or DAG_TASK_NONE. */
void dag__builder_freeze_machine(DagBuilder *builder, DagGraph *graph,
                                 const DagTaskId *id_of);

void dag__builder_free_machine(DagBuilder *builder);

/* twice.c */

/* Note that `file` is included at `by`. */
void dag__builder_note_inclusion(DagBuilder *builder, const char *file, DagLocation by);

/* Complain that `what` is declared twice; `first` may have no line. */
void dag__builder_complain_twice(DagBuilder *builder, DagLocation location,
                                 const char *what, DagSpot first);

DagSpot dag__builder_spot(DagBuilder *builder, DagLocation location);

/* sort.c: fill order_out[n_tasks] with numbers of tasks, predecessors first.
 * Returns: false, after complaining, if there is a cycle. */
bool dag__builder_sort(DagBuilder *builder, uint32_t *order_out);

/* freeze.c: make the graph of the tasks that are wanted and not excluded. */
DagGraph *dag__builder_freeze(DagBuilder *builder, const uint32_t *order,
                              const bool *excluded, const bool *wanted);
