/* SPDX-License-Identifier: MIT */
/*
 * The summary: limits, retries, clean-ups and pools.
 */
#include "report-case.h"

#include <signal.h>

static void
test_failures_are_told_as_they_came_and_allowed_ones_last(void)
{
    g_auto(Case) it = troubled_case();

    execute(&it, "dataflow", 2);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){.color = true});

    assert_has(summary, "house: 4 of 7 tasks succeeded in ");
    assert_has(summary, "\033[31m  3 failed, 1 of them allowed to\033[0m\n");
    assert_has(summary, "Failures\033[0m\n"
                        "  \033[31mlate\033[0m   exit status 2\n"
                        "  \033[31msweep\033[0m  exit status 2\n"
                        "  may    allowed: exit status 2\n");
}

static void
test_only_allowed_failures_are_no_alarm(void)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "may", .kind = &bad, .policy = {.allow_failure = true}});
    g_auto(Case) it = case_finish(builder);
    execute(&it, "phases", 1);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){.color = true});

    g_assert_true(dag_run_succeeded(it.run));
    assert_has(summary, "\n  1 failed, and allowed to\n");
    assert_has(summary, "\n  may  allowed: exit status 2\n");
    assert_has_not(summary, "\033[31m");
}

static void
test_attempts_are_told_with_what_they_cost(void)
{
    g_auto(Case) it = troubled_case();
    char lost[DAG_DURATION_SIZE], work[DAG_DURATION_SIZE], idle[DAG_DURATION_SIZE];

    execute(&it, "dataflow", 2);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    DagTaskId tries = dag_graph_find(it.graph, "tries");
    int64_t lost_ns =
        dag_run_attempt(it.run, tries, 2).start_ns - dag_run_record(it.run, tries).start_ns;

    g_assert_cmpuint(dag_run_record(it.run, tries).n_attempts, ==, 3);
    g_assert_cmpint(lost_ns, >=, PAUSE_NS / 2 + PAUSE_NS);
    dag_duration_format(lost_ns, lost);
    g_autofree char *line = g_strdup_printf("tries 3 %s succeeded", lost);
    assert_has(summary, "\nAttempts (lost: what passed before the last one began)\n");
    assert_line(summary, "tries +3", line);

    /* A pause is not work. */
    dag_duration_format(work_ns(&it), work);
    dag_duration_format(2 * dag_run_makespan_ns(it.run) - work_ns(&it), idle);
    g_autofree char *total =
        g_strdup_printf("idle %s time without work, all workers added up", idle);
    g_autofree char *shown = line_of(summary, "work");
    g_autofree char *begin = g_strdup_printf("work %s all tasks added up", work);
    g_assert_true(g_str_has_prefix(shown, begin));
    assert_line(summary, "idle", total);
    assert_has(summary, "\n  pauses between attempts are no work: they count as idle\n");
}

static void
test_a_pool_can_be_what_no_schedule_beats(void)
{
    DagBuilder *builder = dag_builder_new();
    char took[DAG_DURATION_SIZE];

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "idle", .slots = 3});
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "gpu", .slots = 1});
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);

        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = name, .kind = &good, .uses = "gpu"});
    }
    g_auto(Case) it = case_finish(builder);
    execute(&it, "dataflow", 6);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    g_autofree char *bound = line_of(summary, "lower bound");

    /* One at a time, regardless of the number of workers. */
    g_assert_cmpint(pool_ns(&it, "gpu"), ==, work_ns(&it));
    g_assert_cmpint(work_ns(&it), <=, dag_run_makespan_ns(it.run));
    dag_duration_format(work_ns(&it), took);
    g_autofree char *expected = g_strdup_printf(
        "lower bound %s no schedule is shorter than the pool gpu allows; ", took);
    g_assert_true(g_str_has_prefix(bound, expected));
    g_autofree char *pool =
        g_strdup_printf("pool gpu %s its uses spread over its slots: on average %.1f of 1 "
                        "were busy",
                        took, (double)work_ns(&it) / (double)dag_run_makespan_ns(it.run));
    assert_line(summary, "pool gpu", pool);
    assert_has_not(summary, "pool idle");
}

/* Waits until it is cancelled. */
static DagOutcome
linger(DagContext *context, const void *config)
{
    (void)config;
    while (dag_context_cancel_level(context) == DAG_CANCEL_NONE)
        dag_context_poll(context, NULL, 0, -1);
    return DAG_CANCELLED;
}

static const DagKind lingering = {.name = "lingering", .run = linger};

/* Blocks the thread that called dag_execute() from the first start until it meets a task: on a
 * slow machine the time limit may be reached before "a" has begun. */
static void
look_away(const DagEvent *event, void *data)
{
    bool *has_met = data;

    if (event->type == DAG_EVENT_TASK_STARTED && !*has_met) {
        *has_met = true;
        meet(NULL, NULL);
    }
}

static void
test_a_run_out_of_time_says_so_first(void)
{
    DagBuilder *builder = dag_builder_new();
    bool has_met = false;
    DagObserver observer = {.notify = look_away, .data = &has_met};
    g_autoptr(GError) error = NULL;

    /* The clean-up runs after "a" has ended, so only "a" can have caused the reason. */
    dag_builder_set_name(builder, "house");
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .kind = &lingering});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "sweep",
                                                 .needs = "a",
                                                 .kind = &meeting,
                                                 .policy = {.always = true}});
    g_auto(Case) it = case_finish(builder);
    it.run = dag_execute(it.plan,
                         &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                              .n_workers = 1,
                                              .timeout_ns = 1000000,
                                              .observers = &observer,
                                              .n_observers = 1},
                         &error);
    g_assert_no_error(error);

    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    g_autofree char *named = summary_of(&it, (DagTextStyle){.timeout_name = "--timeout"});

    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_TIMEOUT);
    g_assert_cmpint(dag_run_timeout_ns(it.run), ==, 1000000);
    g_assert_true(g_str_has_prefix(
        summary, "Out of time: the time limit was 1.00 ms\nhouse: 1 of 2 "));
    g_assert_true(g_str_has_prefix(named, "Out of time: --timeout was 1.00 ms\nhouse: "));
    assert_has_not(summary, "Stopped");
}

/* Cancels the run, and meets the clean-up of a task that will not run. */
static DagOutcome
stop_and_meet(DagContext *context, const void *config)
{
    dag_cancel_raise((DagCancel *)config, SIGINT);
    return meet(context, NULL);
}

static const DagKind stopping = {.name = "stopping", .run = stop_and_meet};

static void
test_a_clean_up_that_did_not_wait_makes_no_chain(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(DagCancel) cancel = dag_cancel_new(&error);

    g_assert_no_error(error);
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "a", .kind = &stopping, .config = cancel});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .needs = "a"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "sweep",
                                                 .needs = "b",
                                                 .kind = &meeting,
                                                 .policy = {.always = true}});
    g_auto(Case) it = case_finish(builder);
    it.run = dag_execute(it.plan,
                         &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                              .n_workers = 2,
                                              .cancel = cancel},
                         &error);
    g_assert_no_error(error);

    g_autoptr(GString) json = g_string_new(NULL);
    g_autofree char *summary = summary_of(&it, (DagTextStyle){0});
    DagTaskId a = dag_graph_find(it.graph, "a"), sweep = dag_graph_find(it.graph, "sweep");
    int64_t bound = MAX(duration_ns(it.run, a), duration_ns(it.run, sweep));
    g_autofree char *expected =
        g_strdup_printf("\"lower_bound_seconds\": %" G_GINT64_FORMAT ".%09d",
                        bound / 1000000000, (int)(bound % 1000000000));

    g_assert_cmpint(work_ns(&it), >, dag_run_makespan_ns(it.run)); /* they overlap */
    dag_report_run_json(it.run, json);
    for (size_t end = strlen(expected); expected[end - 1] == '0';)
        expected[--end] = '\0';
    assert_has(json->str, expected);
    assert_has(json->str, "\"stopped_by\": \"cancel\"");
    g_assert_true(g_str_has_prefix(summary, "Interrupted by SIGINT"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report-limits/failures-in-order",
                    test_failures_are_told_as_they_came_and_allowed_ones_last);
    g_test_add_func("/report-limits/allowed", test_only_allowed_failures_are_no_alarm);
    g_test_add_func("/report-limits/attempts", test_attempts_are_told_with_what_they_cost);
    g_test_add_func("/report-limits/pools", test_a_pool_can_be_what_no_schedule_beats);
    g_test_add_func("/report-limits/out-of-time", test_a_run_out_of_time_says_so_first);
    g_test_add_func("/report-limits/clean-up",
                    test_a_clean_up_that_did_not_wait_makes_no_chain);
    return g_test_run();
}
