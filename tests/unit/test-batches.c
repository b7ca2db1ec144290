/* SPDX-License-Identifier: MIT */
/*
 * Batches of tiny tasks in a run: except for the time, results are the same as without batches.
 */
#include <dagrun/duration.h>

#include "gate.h"
#include "graph-of.h"

#define CHAIN 2000

/* Add two chains of tiny tasks, x and y, side by side. */
static void
add_chains(DagBuilder *builder, const DagKind *tiny)
{
    char name[16], needs[16];

    for (unsigned i = 0; i < 2 * CHAIN; i++) {
        g_snprintf(name, sizeof(name), "%c%u", "xy"[i % 2], i / 2);
        g_snprintf(needs, sizeof(needs), "%c%u", "xy"[i % 2], i / 2 - 1);
        dag_builder_add_task(
            builder,
            &(DagTaskSpec){.name = name, .needs = i < 2 ? NULL : needs, .kind = tiny});
    }
}

/* Run `n` tasks of `cost` seconds behind a chain of tiny tasks, and assert that the first two meet.
 * Their kind is tiny. */
static void
assert_meet_behind_chain(unsigned n, double cost)
{
    static const DagKind tiny = {.name = "tiny", .is_tiny = true, .run = meet};
    Gate gate = GATE(2);
    DagBuilder *builder = dag_builder_new();
    g_autofree char *needs = g_strdup_printf("x%d", CHAIN - 1);

    add_chains(builder, &tiny);
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);

        dag_builder_add_task(builder, &(DagTaskSpec){.name = name,
                                                     .needs = needs,
                                                     .kind = &tiny,
                                                     .config = i < 2 ? &gate : NULL,
                                                     .cost = cost});
    }

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run =
        execute(plan, &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                           .n_workers = 2});

    g_assert_true(dag_run_succeeded(run));
}

/* A batch that follows a chain must not keep tasks that other workers could run. */
static void
test_long_tasks_behind_tiny_ones_run_at_the_same_time(void)
{
    assert_meet_behind_chain(2, 0);
}

/* So many tasks are ready at once that each worker would take two if they were tiny. */
static void
test_a_task_known_to_be_long_is_never_batched(void)
{
    assert_meet_behind_chain(8, 1);
}

#define N_TASKS 2000

/* Longer than a batch, also for a clock that an interruption has made several times too slow. */
#define LONG_US 500

static DagOutcome
take_long(DagContext *context, const void *config)
{
    int64_t until_ns = dag_clock_ns() + GPOINTER_TO_INT(config) * INT64_C(1000);

    (void)context;
    while (dag_clock_ns() < until_ns)
        ;
    return DAG_SUCCEEDED;
}

/* Assert that no task started between the end of one task and the start of another. */
static void
assert_comes_next(const DagRun *run, DagTaskId first, DagTaskId second)
{
    int64_t end_ns = dag_run_record(run, first).end_ns;
    int64_t start_ns = dag_run_record(run, second).start_ns;

    g_assert_cmpint(start_ns, >=, end_ns);
#ifdef DAGRUN_TINY
    g_assert_cmpint(start_ns, ==, end_ns); /* one reading of the clock for both */
#endif
    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run)));
         id++) {
        int64_t other_ns = dag_run_record(run, id).start_ns;

        g_assert_false(other_ns >= end_ns && other_ns < start_ns);
    }
}

/* Some of many tiny tasks take long.  Each of them ends its batch, so that the task behind it comes
 * next: with "depth-first", before all tasks that are ready already. */
static void
test_a_long_task_ends_its_batch(void)
{
    static const DagKind tiny = {.name = "tiny", .is_tiny = true, .run = take_long};
    DagBuilder *builder = dag_builder_new();

    for (int i = 0; i < N_TASKS; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);
        g_autofree char *next = g_strdup_printf("next%d", i);
        bool is_long = i % 100 == 50;

        dag_builder_add_task(
            builder, &(DagTaskSpec){.name = name,
                                    .kind = &tiny,
                                    .config = GINT_TO_POINTER(is_long ? LONG_US : 0)});
        if (is_long)
            dag_builder_add_task(
                builder, &(DagTaskSpec){.name = next, .needs = name, .kind = &tiny});
    }

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run =
        execute(plan, &(DagExecuteOptions){.strategy = dag_strategy_find("depth-first"),
                                           .n_workers = 1});

    for (DagTaskId id = 0; id < dag_graph_n_tasks(graph); id++) {
        DagIds preds = dag_graph_predecessors(graph, id);

        if (preds.n > 0)
            assert_comes_next(run, preds.ids[0], id);
    }
}

/* Task number 1000 gives a reason, and succeeds; the next fails without one. */
static DagOutcome
give_reason(DagContext *context, const void *config)
{
    (void)config;
    if (dag_context_task(context) == 1000)
        dag_context_set_reason(context, "it rained");
    return dag_context_task(context) == 1001 ? DAG_FAILED : DAG_SUCCEEDED;
}

static void
test_in_a_batch_each_reason_stays_with_its_task(void)
{
    static const DagKind tiny = {.name = "tiny", .is_tiny = true, .run = give_reason};
    DagBuilder *builder = dag_builder_new();

    add_chains(builder, &tiny);

    g_autoptr(DagGraph) graph = graph_finish(builder, NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    g_autoptr(DagRun) run =
        execute(plan, &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                           .n_workers = 1,
                                           .keep_going = true});

    for (DagTaskId id = 0; id < 2 * CHAIN; id++)
        g_assert_cmpstr(dag_run_reason(run, id), ==, id == 1000 ? "it rained" : NULL);
    /* The other chain goes on; the tasks behind the failure do not. */
    g_assert_cmpuint(dag_run_count(run, DAG_FAILED), ==, 1);
    g_assert_cmpuint(dag_run_count(run, DAG_BLOCKED), ==, CHAIN - 501);
    g_assert_cmpuint(dag_run_count(run, DAG_SUCCEEDED), ==, CHAIN + 500);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/batches/long-tasks-behind-tiny-ones-run-at-the-same-time",
                    test_long_tasks_behind_tiny_ones_run_at_the_same_time);
    g_test_add_func("/batches/a-task-known-to-be-long-is-never-batched",
                    test_a_task_known_to_be_long_is_never_batched);
    g_test_add_func("/batches/a-long-task-ends-its-batch", test_a_long_task_ends_its_batch);
    g_test_add_func("/batches/in-a-batch-each-reason-stays-with-its-task",
                    test_in_a_batch_each_reason_stays_with_its_task);
    return g_test_run();
}
