/* SPDX-License-Identifier: MIT */
/*
 * A ready set that a test drives by the names of tasks.
 */
#pragma once

#include "ready/ready-set.h"

#include "graph-of.h"

/* A set, and a log of what it did: "+1" phase 1 began, "-1" it ended, "a" was blocked. */
typedef struct Fixture {
    DagGraph *graph;
    DagPlan *plan;
    ReadySet *set;
    GString *log;
} Fixture;

static inline void
on_phase(DagEventType type, uint32_t phase, void *data)
{
    g_string_append_printf(((Fixture *)data)->log, "%c%u ",
                           type == DAG_EVENT_PHASE_STARTED ? '+' : '-', phase + 1);
}

static inline void
on_blocked(DagTaskId id, void *data)
{
    const Fixture *f = data;

    g_string_append_printf(f->log, "%s:%s ", dag_graph_task_name(f->graph, id),
                           dag_outcome_name(dag__ready_set_outcome(f->set, id)));
}

/* Begins a set of tasks that share the pools "p" and "q", with 2 slots each. */
static inline void
begin(Fixture *f, const char *words, const char *strategy, bool keep_going)
{
    DagBuilder *builder = builder_of(words, NULL, NULL);

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 2});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "q", .slots = 2});
    f->graph = graph_finish(builder, NULL);
    f->plan = dag_plan_new(f->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    f->log = g_string_new(NULL);
    f->set = dag__ready_set_new(f->plan, dag_strategy_find(strategy), 0, keep_going,
                                &(ReadySetListener){on_phase, on_blocked, f});
    dag__ready_set_begin(f->set);
}

static inline void
end(Fixture *f)
{
    dag__ready_set_free(f->set);
    dag_plan_free(f->plan);
    dag_graph_free(f->graph);
    g_string_free(f->log, TRUE);
}

/* Takes as many tasks as `names`, which it has to be. */
static inline void
assert_takes(Fixture *f, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    for (char **name = list; *name; name++) {
        g_assert_cmpuint(dag__ready_set_length(f->set), >, 0);

        DagTaskId taken = dag__ready_set_take(f->set);

        g_assert_cmpstr(dag_graph_task_name(f->graph, taken), ==, *name);
        g_assert_false(dag__ready_set_is_done(f->set));
    }
}

/* Takes a batch of which `share` may be what can start now, and all may be as many as fit.  Asserts
 * what is in it, "|" before what the batch makes ready by itself. */
static inline void
assert_takes_batch(Fixture *f, ReadyBatch *batch, unsigned share, const char *expected)
{
    g_autoptr(GString) names = g_string_new(NULL);

    g_assert_cmpuint(dag__ready_set_length(f->set), >, 0);
    dag__ready_set_take_batch(f->set, batch, share, READY_BATCH);
    for (unsigned i = 0; i < batch->n; i++)
        g_string_append_printf(names, "%s%s%s", i > 0 ? " " : "",
                               i == batch->n_taken ? "| " : "",
                               dag_graph_task_name(f->graph, batch->ids[i]));
    g_assert_cmpstr(names->str, ==, expected);
}

static inline void
settle(Fixture *f, const char *name, DagOutcome outcome)
{
    dag__ready_set_settle(f->set, dag_graph_find(f->graph, name), outcome);
}

static inline void
succeed(Fixture *f, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    for (char **name = list; *name; name++)
        settle(f, *name, DAG_SUCCEEDED);
}

static inline void
assert_waits(Fixture *f)
{
    g_assert_cmpuint(dag__ready_set_length(f->set), ==, 0);
    g_assert_false(dag__ready_set_is_done(f->set));
}

/* Whether the task, which was taken, may be tried again. */
static inline bool
retry(Fixture *f, const char *name, int64_t due_ns)
{
    return dag__ready_set_retry(f->set, dag_graph_find(f->graph, name), DAG_FAILED, due_ns);
}

/* Asserts that all is over, and what happened on the way. */
static inline void
assert_done(Fixture *f, const char *log)
{
    g_assert_true(dag__ready_set_is_done(f->set));
    g_assert_cmpuint(dag__ready_set_length(f->set), ==, 0);
    dag__ready_set_abandon(f->set);
    g_strchomp(f->log->str);
    g_assert_cmpstr(f->log->str, ==, log);
}
