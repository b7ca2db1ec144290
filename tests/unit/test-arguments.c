/* SPDX-License-Identifier: MIT */
/*
 * Wrong arguments of public functions: a message and a harmless result, not a crash.
 */
#include <dagrun/dagrun.h>
#include <dagrun/engine.h>
#include <dagrun/simulate.h>

#include "graph-of.h"

/* Expect one message about a condition that contains `part`. */
static void
expect(const char *part)
{
    g_autofree char *pattern = g_strdup_printf("*assertion '*%s*' failed*", part);

    g_test_expect_message("dagrun", G_LOG_LEVEL_CRITICAL, pattern);
}

/* Assert that evaluating `call` logs one message about `part`. */
#define COMPLAINS(part, call)                                                              \
    do {                                                                                   \
        expect(part);                                                                      \
        call;                                                                              \
        g_test_assert_expected_messages();                                                 \
    } while (0)

static void
test_drivers_need_a_plan(void)
{
    DagTaskId order[1];

    COMPLAINS("plan", g_assert_null(dag_execute(NULL, NULL, NULL)));
    COMPLAINS("plan", g_assert_null(dag_simulate(NULL, NULL)));
    COMPLAINS("plan", dag_execute_order(NULL, NULL, 0, order));
    COMPLAINS("graph", g_assert_null(dag_log_name(NULL, 0)));
}

static void
test_drivers_need_whole_options(void)
{
    g_autoptr(DagGraph) graph = graph_of("a", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);

    COMPLAINS("observers", g_assert_null(dag_execute(
                               plan, &(DagExecuteOptions){.n_observers = 1}, NULL)));
    COMPLAINS("engines",
              g_assert_null(dag_execute(plan, &(DagExecuteOptions){.n_engines = 1}, NULL)));
    COMPLAINS("observers",
              g_assert_null(dag_simulate(plan, &(DagSimulateOptions){.n_observers = 1})));
    COMPLAINS("order_out", dag_execute_order(plan, NULL, 0, NULL));
    COMPLAINS("id <", g_assert_null(dag_log_name(graph, 1)));
}

/* A strategy may be missing: it is the default then. */
static void
test_order_has_a_default_strategy(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b c<a d<c", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    DagTaskId order[4], expected[4];

    dag_execute_order(plan, NULL, 0, order);
    dag_execute_order(plan, dag_strategies()[0], 0, expected);
    g_assert_cmpmem(order, sizeof(order), expected, sizeof(expected));
}

static void
test_runs_know_their_tasks(void)
{
    g_autoptr(DagGraph) graph = graph_of("a b", NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagRun) run = dag_simulate(plan, NULL);
    int64_t start_ns, end_ns;

    COMPLAINS("id <", g_assert_cmpint(dag_run_record(run, 2).start_ns, ==, -1));
    COMPLAINS("id <", g_assert_cmpint(dag_run_record(run, DAG_TASK_NONE).exit_code, ==,
                                      DAG_EXIT_NONE));
    COMPLAINS("id <", g_assert_null(dag_run_reason(run, 2)));
    COMPLAINS("id <", g_assert_cmpint(dag_run_busy_ns(run, 2), ==, 0));
    COMPLAINS("id <", g_assert_null(dag_run_attempt(run, 2, 0).reason));
    COMPLAINS("i <", g_assert_null(dag_run_attempt(run, 1, 1).reason));
    COMPLAINS("outcome",
              g_assert_cmpuint(dag_run_count(run, (DagOutcome)DAG_N_OUTCOMES), ==, 0));
    COMPLAINS("phase <", dag_run_phase_span(run, 1, &start_ns, &end_ns));
    COMPLAINS("end_ns_out", dag_run_phase_span(run, 0, &start_ns, NULL));
}

static void
test_runs_may_not_be_null(void)
{
    dag_run_free(NULL);
    COMPLAINS("run", g_assert_null(dag_run_plan(NULL)));
    COMPLAINS("run", g_assert_null(dag_run_strategy(NULL)));
    COMPLAINS("run", g_assert_cmpuint(dag_run_seed(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpuint(dag_run_n_workers(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpuint(dag_run_n_connections(NULL), ==, 0));
    COMPLAINS("run", g_assert_false(dag_run_keeps_going(NULL)));
    COMPLAINS("run", g_assert_cmpuint(dag_run_retries(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_grace_ns(NULL), ==, 0));
    COMPLAINS("run", g_assert_false(dag_run_is_simulated(NULL)));
    COMPLAINS("run", g_assert_cmpint(dag_run_record(NULL, 0).end_ns, ==, -1));
    COMPLAINS("run", g_assert_null(dag_run_reason(NULL, 0)));
    COMPLAINS("run", g_assert_cmpuint(dag_run_count(NULL, DAG_FAILED), ==, 0));
    COMPLAINS("run", g_assert_false(dag_run_succeeded(NULL)));
    COMPLAINS("run", g_assert_cmpuint(dag_run_n_allowed(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_stop(NULL), ==, DAG_STOP_NONE));
    COMPLAINS("run", g_assert_cmpuint(dag_run_n_lost(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_timeout_ns(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_signal(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_makespan_ns(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_duration_ns(NULL), ==, 0));
    COMPLAINS("run", g_assert_cmpint(dag_run_started_us(NULL), ==, 0));
}

static void
test_cancellations_may_not_be_null(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagCancel) cancel = dag_cancel_new(&error);

    g_assert_no_error(error);
    dag_cancel_free(NULL);
    COMPLAINS("cancel", dag_cancel_raise(NULL, 0));
    COMPLAINS("cancel", g_assert_cmpint(dag_cancel_level(NULL), ==, DAG_CANCEL_NONE));
    COMPLAINS("cancel", g_assert_cmpint(dag_cancel_signal(NULL), ==, 0));
    COMPLAINS("cancel", g_assert_cmpint(dag_cancel_fd(NULL, DAG_CANCEL_TERM), ==, -1));
    COMPLAINS("level", g_assert_cmpint(dag_cancel_fd(cancel, DAG_CANCEL_NONE), ==, -1));
}

static void
test_schedules_and_names_may_not_be_null(void)
{
    g_autoptr(DagGraph) graph = graph_of("a", NULL);

    COMPLAINS("name", g_assert_null(dag_strategy_find(NULL)));
    COMPLAINS("schedule", g_assert_false(dag_schedule_is_valid(NULL, graph)));
    COMPLAINS("graph", g_assert_false(dag_schedule_is_valid(&(DagSchedule){0}, NULL)));
    COMPLAINS("schedule", dag_schedule_clear(NULL));
}

static void
test_jobs_may_not_be_null(void)
{
    COMPLAINS("job", dag_job_finish(NULL, DAG_SUCCEEDED));
    COMPLAINS("job", g_assert_null(dag_job_context(NULL)));
    COMPLAINS("job", dag_job_set_data(NULL, NULL));
    COMPLAINS("job", g_assert_null(dag_job_data(NULL)));
}

static void
test_contexts_may_not_be_null(void)
{
    COMPLAINS("context", g_assert_cmpuint(dag_context_task(NULL), ==, DAG_TASK_NONE));
    COMPLAINS("context", g_assert_null(dag_context_graph(NULL)));
    COMPLAINS("context", g_assert_null(dag_context_expand(NULL, NULL, NULL)));
    COMPLAINS("context", g_assert_cmpint(dag_context_open_output(NULL, 0, NULL), ==, -1));
    COMPLAINS("context", g_assert_null(dag_context_output_file(NULL, 0, NULL, NULL)));
    COMPLAINS("context",
              g_assert_cmpint(dag_context_cancel_level(NULL), ==, DAG_CANCEL_NONE));
    COMPLAINS("context", g_assert_cmpint(dag_context_poll(NULL, NULL, 0, 0), ==, -1));
    COMPLAINS("context",
              g_assert_cmpint(dag_context_set_exit_code(NULL, 0), ==, DAG_FAILED));
    COMPLAINS("context", g_assert_false(dag_context_wants_transcript(NULL)));
    COMPLAINS("context", dag_context_write_output(NULL, "x", 1));
    COMPLAINS("context", dag_context_write_transcript(NULL, "x", 1));
    COMPLAINS("context", dag_context_set_reason(NULL, "x"));
    COMPLAINS("context", g_assert_null(dag_context_engine(NULL, NULL)));
}

/* Worker thread.  The messages of a thread are logged like any others. */
static DagOutcome
misuse(DagContext *context, G_GNUC_UNUSED const void *config)
{
    struct pollfd fds[8] = {{.fd = -1}};

    COMPLAINS("n_fds", g_assert_cmpint(dag_context_poll(context, fds, 8, 0), ==, -1));
    COMPLAINS("fds", g_assert_cmpint(dag_context_poll(context, NULL, 1, 0), ==, -1));
    COMPLAINS("text", g_assert_null(dag_context_expand(context, NULL, NULL)));
    COMPLAINS("bytes", dag_context_write_output(context, NULL, 1));
    COMPLAINS("bytes", dag_context_write_transcript(context, NULL, 1));
    COMPLAINS("format", dag_context_set_reason(context, NULL));
    return DAG_SUCCEEDED;
}

static void
test_contexts_check_their_arguments(void)
{
    static const DagKind kind = {.name = "misuse", .run = misuse};
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = graph_finish(builder_of("a", &kind, NULL), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagRun) run = dag_execute(plan, &(DagExecuteOptions){.n_workers = 1}, &error);

    g_assert_no_error(error);
    g_assert_true(dag_run_succeeded(run));
}

/* Worker thread.  `config` is the outcome. */
static DagOutcome
end_with(G_GNUC_UNUSED DagContext *context, const void *config)
{
    return (DagOutcome)GPOINTER_TO_INT(config);
}

static DagSimulatedAttempt
attempt_with(G_GNUC_UNUSED const DagPlan *plan, G_GNUC_UNUSED DagTaskId id,
             G_GNUC_UNUSED unsigned attempt, void *data)
{
    return (DagSimulatedAttempt){.outcome = (DagOutcome)GPOINTER_TO_INT(data)};
}

/* Execute and simulate a task that ends with an outcome that no attempt can have. */
static void
check_impossible_outcome(int outcome, const DagKind *kind)
{
    g_autoptr(DagGraph) graph =
        graph_finish(builder_of("a b<a", kind, GINT_TO_POINTER(outcome)), NULL);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    g_autoptr(DagRun) executed = NULL;
    g_autoptr(DagRun) simulated = NULL;

    COMPLAINS("outcome", executed = dag_execute(plan, NULL, NULL));
    COMPLAINS("outcome",
              simulated = dag_simulate(
                  plan, &(DagSimulateOptions){.attempt = attempt_with,
                                              .data = GINT_TO_POINTER(outcome)}));
    g_assert_cmpint(dag_run_record(executed, 0).outcome, ==, DAG_FAILED);
    g_assert_cmpint(dag_run_record(executed, 1).outcome, ==, DAG_BLOCKED);
    g_assert_cmpint(dag_run_record(simulated, 0).outcome, ==, DAG_FAILED);
    g_assert_cmpint(dag_run_record(simulated, 1).outcome, ==, DAG_BLOCKED);
}

static void
test_impossible_outcomes_are_failures(void)
{
    static const DagKind kind = {.name = "impossible", .run = end_with};
    static const DagKind tiny = {.name = "tiny", .run = end_with, .is_tiny = true};
    static const int outcomes[] = {DAG_PENDING, DAG_BLOCKED, DAG_N_OUTCOMES};

    for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
        check_impossible_outcome(outcomes[i], &kind);
        check_impossible_outcome(outcomes[i], &tiny);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arguments/plan", test_drivers_need_a_plan);
    g_test_add_func("/arguments/options", test_drivers_need_whole_options);
    g_test_add_func("/arguments/order", test_order_has_a_default_strategy);
    g_test_add_func("/arguments/tasks", test_runs_know_their_tasks);
    g_test_add_func("/arguments/run", test_runs_may_not_be_null);
    g_test_add_func("/arguments/cancel", test_cancellations_may_not_be_null);
    g_test_add_func("/arguments/strategy", test_schedules_and_names_may_not_be_null);
    g_test_add_func("/arguments/job", test_jobs_may_not_be_null);
    g_test_add_func("/arguments/context", test_contexts_may_not_be_null);
    g_test_add_func("/arguments/running", test_contexts_check_their_arguments);
    g_test_add_func("/arguments/outcome", test_impossible_outcomes_are_failures);
    return g_test_run();
}
