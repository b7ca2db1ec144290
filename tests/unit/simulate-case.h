/* SPDX-License-Identifier: MIT */
/*
 * Graphs that a test simulates, and assertions about their records.
 */
#pragma once

#include <dagrun/dagrun.h>

#include "graph-of.h"
#include "run-case.h"
#include "verified.h"

#define SECOND_NS INT64_C(1000000000)

static inline Case
case_finish(DagBuilder *builder)
{
    DagGraph *graph = graph_finish(builder, NULL);

    return (Case){.graph = graph,
                  .plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL)};
}

/* Simulate with "dataflow" unless the options name another strategy, and check the run with
 * dag_verify(). */
static inline DagRun *
simulate(const DagPlan *plan, DagSimulateOptions options)
{
    if (!options.strategy)
        options.strategy = dag_strategy_find("dataflow");

    DagRun *run = dag_simulate(plan, &options);

    assert_verified(run);
    return run;
}

/* Return the simulation of a graph in words, with the pools "p" (1 slot) and "q" (2 slots). */
static inline Case
case_of(const char *words, DagSimulateOptions options)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 1});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "q", .slots = 2});
    Case it = case_finish(builder);

    it.run = simulate(it.plan, options);
    return it;
}

static inline DagRecord
record_of(const Case *it, const char *task)
{
    return dag_run_record(it->run, dag_graph_find(it->graph, task));
}

/* Assert the start and end of a task, in seconds. */
static inline void
assert_ran(const Case *it, const char *task, double start, double end)
{
    DagRecord record = record_of(it, task);

    g_assert_cmpfloat((double)record.start_ns / 1e9, ==, start);
    g_assert_cmpfloat((double)record.end_ns / 1e9, ==, end);
}

static inline void
assert_ended(const Case *it, const char *task, DagOutcome outcome)
{
    g_assert_cmpstr(dag_outcome_name(record_of(it, task).outcome), ==,
                    dag_outcome_name(outcome));
}

static inline void
assert_makespan(const Case *it, double seconds)
{
    g_assert_cmpfloat((double)dag_run_makespan_ns(it->run) / 1e9, ==, seconds);
}

static inline void
assert_all_succeeded(const Case *it)
{
    g_assert_cmpuint(dag_run_count(it->run, DAG_SUCCEEDED), ==,
                     dag_graph_n_tasks(it->graph));
    g_assert_true(dag_run_succeeded(it->run));
    g_assert_cmpint(dag_run_stop(it->run), ==, DAG_STOP_NONE);
}
