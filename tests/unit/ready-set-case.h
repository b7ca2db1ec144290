/* SPDX-License-Identifier: MIT */
/*
 * A ready set that a test drives by the names of tasks.
 */
#pragma once

#include "ready/ready-set-private.h"

#include "graph-of.h"

/* A set, and a log: "+1" phase 1 began, "-1" it ended, "a:blocked" a task ended without running. */
typedef struct Fixture {
    DagGraph *graph;
    DagPlan *plan;
    ReadySet *set;
    GString *log;
} Fixture;

static inline void
on_phase_began(uint32_t phase, void *data)
{
    g_string_append_printf(((Fixture *)data)->log, "+%u ", phase + 1);
}

static inline void
on_phase_ended(uint32_t phase, void *data)
{
    g_string_append_printf(((Fixture *)data)->log, "-%u ", phase + 1);
}

static inline void
on_never_ran(DagTaskId id, DagOutcome outcome, void *data)
{
    const Fixture *f = data;

    g_assert_cmpint(task_table_outcome(&f->set->tasks, id), ==, outcome);
    g_string_append_printf(f->log, "%s:%s ", dag_graph_task_name(f->graph, id),
                           dag_outcome_name(outcome));
}

/* Begin a set of tasks that share the pools "p" and "q", with 2 slots each, on `n_workers`. */
static inline void
begin_on(Fixture *f, const char *words, const DagStrategy *strategy, bool keep_going,
         unsigned n_workers)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 2});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "q", .slots = 2});
    f->graph = graph_finish(builder, NULL);
    f->plan = dag_plan_new(f->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    f->log = g_string_new(NULL);
    f->set = dag__ready_set_new(
        f->plan, &(ReadyOptions){
                     .strategy = strategy,
                     .machine = {.n_workers = n_workers},
                     .keep_going = keep_going,
                     .listener = {on_phase_began, on_phase_ended, on_never_ran, f},
                 });
    dag__ready_begin(f->set);
}

/* The same with more workers than tasks. */
static inline void
begin(Fixture *f, const char *words, const char *strategy, bool keep_going)
{
    begin_on(f, words, dag_strategy_find(strategy), keep_going, 10000);
}

static inline void
end(Fixture *f)
{
    dag__ready_set_free(f->set);
    dag_plan_free(f->plan);
    dag_graph_free(f->graph);
    g_string_free(f->log, TRUE);
}

/* Take the next task at the time `now_ns`, and assert its name. */
static inline void
assert_takes_at(Fixture *f, const char *name, int64_t now_ns)
{
    DagTaskId taken = dag__ready_next(f->set, DAG_OCCUPIES_WORKER, now_ns);

    g_assert_cmpuint(taken, !=, DAG_TASK_NONE);
    g_assert_cmpstr(dag_graph_task_name(f->graph, taken), ==, name);
    g_assert_false(dag__ready_is_done(f->set));
}

/* Take as many tasks as `names` has, and assert their names. */
static inline void
assert_takes(Fixture *f, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    for (char **name = list; *name; name++)
        assert_takes_at(f, *name, -1);
}

/* End a running task. */
static inline void
end_task(Fixture *f, const char *name, DagOutcome outcome)
{
    dag__ready_end(f->set, dag_graph_find(f->graph, name), outcome);
}

static inline void
succeed(Fixture *f, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    for (char **name = list; *name; name++)
        end_task(f, *name, DAG_SUCCEEDED);
}

/* Assert that no task may start, and that the set is not done. */
static inline void
assert_waits(Fixture *f)
{
    g_assert_false(dag__ready_has_next(f->set, DAG_OCCUPIES_WORKER));
    g_assert_cmpuint(dag__ready_next(f->set, DAG_OCCUPIES_WORKER, -1), ==, DAG_TASK_NONE);
    g_assert_false(dag__ready_is_done(f->set));
}

/* Pause a running task that failed; return the result of dag__ready_pause(). */
static inline bool
retry(Fixture *f, const char *name, int64_t due_ns)
{
    return dag__ready_pause(f->set, dag_graph_find(f->graph, name), DAG_FAILED, due_ns);
}

/* Assert that all tasks have ended, and assert the log. */
static inline void
assert_done(Fixture *f, const char *log)
{
    g_assert_true(dag__ready_is_done(f->set));
    g_assert_cmpuint(dag__ready_next(f->set, DAG_OCCUPIES_WORKER, INT64_MAX - 1), ==,
                     DAG_TASK_NONE);
    dag__ready_finish(f->set);
    g_strchomp(f->log->str);
    g_assert_cmpstr(f->log->str, ==, log);
}
