/* SPDX-License-Identifier: MIT */
/*
 * Runs of graphs with tasks that occupy connections, for test-engine.c and test-engine-stop.c.
 */
#pragma once

#include <dagrun/execute.h>

#include "gate.h"
#include "graph-of.h"
#include "timer-engine.h"

#define MS INT64_C(1000000)

/* A run, and all that it borrows. */
typedef struct EngineCase {
    DagGraph *graph;
    DagPlan *plan;
    DagRun *run;
} EngineCase;

/* Execute the graph that the builder makes; `options` may be NULL. */
static inline EngineCase *
engine_case_new(DagBuilder *builder, const DagExecuteOptions *options)
{
    EngineCase *c = g_new(EngineCase, 1);

    c->graph = graph_finish(builder, NULL);
    c->plan = dag_plan_new(c->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    c->run = execute(c->plan, options);
    return c;
}

static inline void
engine_case_free(EngineCase *c)
{
    dag_run_free(c->run);
    dag_plan_free(c->plan);
    dag_graph_free(c->graph);
    g_free(c);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineCase, engine_case_free)

static inline DagRecord
record_of(const EngineCase *c, const char *task)
{
    return dag_run_record(c->run, dag_graph_find(c->graph, task));
}

static inline const char *
reason_of(const EngineCase *c, const char *task)
{
    return dag_run_reason(c->run, dag_graph_find(c->graph, task));
}

/* Declare `n` tasks of one kind, "a0", "a1" and so on for `prefix` "a". */
static inline void
declare_many(DagBuilder *builder, const char *prefix, unsigned n, const DagKind *kind,
             const void *config)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("%s%u", prefix, i);

        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = name, .kind = kind, .config = config});
    }
}

/* Return a builder of `n` tasks. */
static inline DagBuilder *
many(unsigned n, const DagKind *kind, const TimerSpec *spec)
{
    DagBuilder *builder = dag_builder_new();

    declare_many(builder, "t", n, kind, spec);
    return builder;
}

/* Assert that every started job was finished, and every engine closed. */
static inline void
assert_contract(unsigned n_engines)
{
    g_assert_cmpuint(timer_counts.n_starts, ==, timer_counts.n_finishes);
    g_assert_cmpuint(timer_counts.n_under_way, ==, 0);
    g_assert_cmpuint(timer_counts.n_opens, ==, n_engines);
    g_assert_cmpuint(timer_counts.n_closes, ==, n_engines);
}
