/* SPDX-License-Identifier: MIT */
/*
 * Graphs of a given shape, to try schedules and to measure.  The same request gives the same bytes.
 *
 * A shape is a table entry with a function from the number of a task to its needs, so a graph is written task by
 * task and takes no memory; a shape that does not know these at once prepares its graph.
 */
#pragma once

#include <dagrun/report.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The most tasks of a graph, and the most on a level: a tag, such as that of the join of a
 * fork-join, has at most 16 MiB, and a file 512 MiB (docs/format.md). */
#define GENERATE_MAX_TASKS  4000000
#define GENERATE_MAX_WIDTH  1000000
#define GENERATE_MAX_DEGREE 100
#define GENERATE_MAX_FILE   ((uint64_t)512 << 20)

/* The distribution of costs. */
typedef enum CostRule {
    COSTS_CONSTANT,
    COSTS_UNIFORM,
    COSTS_LOG_NORMAL,
} CostRule;

/* The names of the rules, NULL-terminated; indexed by CostRule. */
extern const char *const cost_rule_names[];

/* The action of the tasks. */
typedef enum WorkKind {
    WORK_NOOP,
    WORK_SLEEP,
    WORK_SPIN,
} WorkKind;

/* The names of the kinds, NULL-terminated; indexed by WorkKind. */
extern const char *const work_kind_names[];

typedef struct Shape Shape;

/* A graph to generate. */
typedef struct GraphRequest {
    const Shape *shape;
    uint32_t n_tasks; /* 1 to GENERATE_MAX_TASKS */
    /* Tasks on a level, to GENERATE_MAX_WIDTH; 0: the default of the shape. */
    uint32_t width;
    /* Predecessors or successors, to GENERATE_MAX_DEGREE; 0: the default. */
    uint32_t degree;
    uint64_t seed;
    CostRule costs;
    uint64_t mean_us; /* of the costs, in microseconds; at least 1 */
    WorkKind kind;
} GraphRequest;

/* A graph that is being generated. */
typedef struct Generator {
    GraphRequest request; /* width and degree are set */
    uint64_t random;      /* state of random_next(), for the dependencies */
    uint64_t cost_random; /* for the costs, so that they do not depend on the shape */
    GArray *needs;  /* of uint32_t: the needs of the current task, with smaller numbers */
    void *prepared; /* by Shape.prepare(); freed with g_free() */
} Generator;

/* A shape.  Tasks are numbered from 0, and need tasks with smaller numbers. */
struct Shape {
    const char *name;
    const char *summary; /* one line */

    /* Return the number of tasks nearest to `request->n_tasks`.  NULL: every number is possible. */
    uint32_t (*n_nearest)(const GraphRequest *request);

    /* Set width and degree, if they are 0, to the defaults; NULL: the shape has neither. */
    void (*set_defaults)(GraphRequest *request);

    /* Prepare the graph; or NULL. */
    void (*prepare)(Generator *generator);

    /* Append the predecessors of the task, each once; NULL: there are none. */
    void (*needs)(Generator *generator, uint32_t task);

    /* Return the factor of the cost of the task; NULL: 1. */
    uint32_t (*cost_factor)(const Generator *generator, uint32_t task);
};

/* All shapes, NULL-terminated. */
extern const Shape *const shapes[];

/* Return the shape, or NULL. */
const Shape *shape_find(const char *name);

/* Return the cost of the next task in microseconds, at least 1. */
uint64_t cost_next(Generator *generator);

/* Return true if the graph may be larger than a file of dagrun may be, GENERATE_MAX_FILE. */
bool generate_is_too_large(const GraphRequest *request);

/* Write the graph.  Ends early if the sink wants no more. */
void generate_graph(const GraphRequest *request, const DagReportSink *sink);
