/* SPDX-License-Identifier: MIT */
/*
 * Tasks that occupy connections: failures, retries, time limits and cancellations.
 */
#include <signal.h>
#include <string.h>

#include "descriptors.h"
#include "engine-case.h"

/* Longer than the grace in these tests, and than any of them takes. */
#define LONG_NS (MS * 1000 * 3600)

static DagBuilder *
one_task(const DagTaskSpec *spec)
{
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_task(builder, spec);
    return builder;
}

static void
test_exit_codes_and_reasons_are_recorded(void)
{
    static const TimerSpec three = {.delay_ns = MS, .exit_code = 3};
    static const TimerSpec lost = {.reason = "no route to host"};
    DagTaskSpec expected = {.name = "expected", .kind = &timer, .config = &three};
    DagBuilder *builder = builder_of("three", &timer, &three);

    expected.policy.limits_success = true;
    dag_codes_add(&expected.policy.expect, 3);
    dag_builder_add_task(builder, &expected);
    declare_words(builder, "lost", &timer, &lost);
    timer_counts_reset(0, NULL);

    g_autoptr(EngineCase) c =
        engine_case_new(builder, &(DagExecuteOptions){.keep_going = true});

    assert_contract(1);
    g_assert_cmpint(record_of(c, "three").outcome, ==, DAG_FAILED);
    g_assert_cmpint(record_of(c, "three").exit_code, ==, 3);
    g_assert_cmpstr(reason_of(c, "three"), ==, "exit status 3");
    g_assert_cmpint(record_of(c, "expected").outcome, ==, DAG_SUCCEEDED);
    g_assert_cmpint(record_of(c, "expected").exit_code, ==, 3);
    g_assert_null(reason_of(c, "expected"));
    g_assert_cmpint(record_of(c, "lost").outcome, ==, DAG_FAILED);
    g_assert_cmpint(record_of(c, "lost").exit_code, ==, DAG_EXIT_NONE);
    g_assert_cmpstr(reason_of(c, "lost"), ==, "no route to host");
}

static unsigned n_ends;

/* I/O thread.  The first two attempts fail. */
static DagOutcome
fail_twice(DagJob *job, DagOutcome outcome)
{
    if (++n_ends > 2)
        return outcome;
    dag_context_set_reason(dag_job_context(job), "failure %u", n_ends);
    return DAG_FAILED;
}

/* Run a task that fails twice, with this policy. */
static EngineCase *
run_with_retries(const DagPolicy *policy)
{
    static const TimerSpec spec = {.delay_ns = MS, .end = fail_twice};

    timer_counts_reset(0, NULL);
    n_ends = 0;
    return engine_case_new(
        one_task(&(DagTaskSpec){
            .name = "a", .kind = &timer, .config = &spec, .policy = *policy}),
        &(DagExecuteOptions){.seed = 1});
}

static void
test_failed_attempts_are_followed_by_others(void)
{
    int64_t delays[] = {DAG_ZERO, 2 * MS};

    for (size_t i = 0; i < G_N_ELEMENTS(delays); i++) {
        g_autoptr(EngineCase) c =
            run_with_retries(&(DagPolicy){.retries = 2, .retry_delay_ns = delays[i]});

        assert_contract(1);
        g_assert_cmpuint(timer_counts.n_starts, ==, 3);
        g_assert_cmpint(record_of(c, "a").outcome, ==, DAG_SUCCEEDED);
        g_assert_cmpuint(record_of(c, "a").n_attempts, ==, 3);
        g_assert_null(reason_of(c, "a"));
        g_assert_cmpstr(dag_run_attempt(c->run, 0, 0).reason, ==, "failure 1");
        g_assert_cmpstr(dag_run_attempt(c->run, 0, 1).reason, ==, "failure 2");
        for (unsigned attempt = 1; attempt < 3; attempt++)
            g_assert_cmpint(dag_run_attempt(c->run, 0, attempt).start_ns, >=,
                            dag_run_attempt(c->run, 0, attempt - 1).end_ns);
    }

    g_autoptr(EngineCase) c = run_with_retries(&(DagPolicy){.retries = 1});

    assert_contract(1);
    g_assert_cmpint(record_of(c, "a").outcome, ==, DAG_FAILED);
    g_assert_cmpuint(record_of(c, "a").n_attempts, ==, 2);
    g_assert_cmpstr(reason_of(c, "a"), ==, "failure 2");
}

static void
test_a_failure_starts_nothing_more(void)
{
    static const TimerSpec fails = {.delay_ns = MS, .reason = "no luck"};
    static const TimerSpec lasts = {.delay_ns = 5 * MS};
    DagBuilder *builder = builder_of("bad!9", &timer, &fails);

    declare_words(builder, "behind<bad running!5 waiting", &timer, &lasts);
    timer_counts_reset(2, NULL); /* "bad" and "running" */

    g_autoptr(EngineCase) c = engine_case_new(
        builder, &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                      .n_connections = 2});

    assert_contract(1);
    g_assert_cmpint(dag_run_stop(c->run), ==, DAG_STOP_FAILURE);
    g_assert_cmpuint(timer_counts.n_cancels, ==, 0); /* tasks under way are not cancelled */
    g_assert_cmpint(record_of(c, "bad").outcome, ==, DAG_FAILED);
    g_assert_cmpint(record_of(c, "behind").outcome, ==, DAG_BLOCKED);
    g_assert_cmpint(record_of(c, "running").outcome, ==, DAG_SUCCEEDED);
    g_assert_cmpint(record_of(c, "waiting").outcome, ==, DAG_CANCELLED);
    g_assert_cmpint(record_of(c, "waiting").start_ns, ==, -1);
}

static void
test_keep_going_runs_what_does_not_depend_on_a_failure(void)
{
    static const TimerSpec fails = {.delay_ns = MS, .reason = "no luck"};
    static const TimerSpec lasts = {.delay_ns = 2 * MS};
    DagBuilder *builder = builder_of("bad", &timer, &fails);

    declare_words(builder, "behind<bad clean<bad* other next<other", &timer, &lasts);
    timer_counts_reset(0, NULL);

    g_autoptr(EngineCase) c = engine_case_new(
        builder, &(DagExecuteOptions){.n_connections = 1, .keep_going = true});

    assert_contract(1);
    g_assert_cmpint(dag_run_stop(c->run), ==, DAG_STOP_NONE);
    g_assert_cmpint(record_of(c, "behind").outcome, ==, DAG_BLOCKED);
    g_assert_cmpint(record_of(c, "clean").outcome, ==, DAG_SUCCEEDED);
    g_assert_cmpint(record_of(c, "next").outcome, ==, DAG_SUCCEEDED);
}

/* Jobs that end at once, a while after TERM, and at KILL only. */
static const TimerSpec heeds = {.delay_ns = TIMER_NEVER};
static const TimerSpec lingers = {.delay_ns = TIMER_NEVER, .linger_ns = 2 * MS};
static const TimerSpec ignores = {.delay_ns = TIMER_NEVER, .linger_ns = TIMER_NEVER};

/* Run one job with a timeout of 3 ms and a grace of 4 ms.  Returns: the time that it took. */
static int64_t
time_out(const DagKind *kind, const TimerSpec *spec)
{
    timer_counts_reset(0, NULL);

    g_autoptr(EngineCase) c = engine_case_new(one_task(&(DagTaskSpec){
                                                  .name = "a",
                                                  .kind = kind,
                                                  .config = spec,
                                                  .policy = {.timeout_ns = 3 * MS},
                                              }),
                                              &(DagExecuteOptions){.grace_ns = 4 * MS});

    assert_contract(1);
    g_assert_cmpint(record_of(c, "a").outcome, ==, DAG_TIMED_OUT);
    g_assert_cmpstr(reason_of(c, "a"), ==, "its timeout is 3.00 ms");
    g_assert_cmpint(dag_run_stop(c->run), ==, DAG_STOP_FAILURE);
    return record_of(c, "a").end_ns - record_of(c, "a").start_ns;
}

static void
test_a_task_has_a_time_limit(void)
{
    const DagKind *kinds[] = {&timer, &timerfd};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_assert_cmpint(time_out(kinds[i], &heeds), >=, 3 * MS);
        g_assert_cmpuint(timer_counts.n_cancels, ==, 1);
        g_assert_cmpint(time_out(kinds[i], &lingers), >=, 5 * MS);
        g_assert_cmpint(time_out(kinds[i], &ignores), >=, 7 * MS);
        g_assert_cmpuint(timer_counts.n_cancels, ==, 2);
    }
}

static void
test_a_job_that_ends_in_time_has_not_timed_out(void)
{
    static const TimerSpec quick = {.delay_ns = MS};

    timer_counts_reset(0, NULL);

    g_autoptr(EngineCase) c =
        engine_case_new(one_task(&(DagTaskSpec){.name = "a",
                                                .kind = &timer,
                                                .config = &quick,
                                                .policy = {.timeout_ns = LONG_NS}}),
                        NULL);

    assert_contract(1);
    g_assert_true(dag_run_succeeded(c->run));
    g_assert_cmpuint(timer_counts.n_cancels, ==, 0);
}

/* Return a builder of `n` jobs of each manner, and a clean-up. */
static DagBuilder *
jobs_of_each_manner(unsigned n)
{
    static const TimerSpec quick = {.delay_ns = MS};
    DagBuilder *builder = dag_builder_new();

    declare_many(builder, "heeds", n, &timer, &heeds);
    declare_many(builder, "lingers", n, &timerfd, &lingers);
    declare_many(builder, "ignores", n, &timer, &ignores);
    declare_words(builder, "behind<heeds0 clean<ignores0*", &timer, &quick);
    return builder;
}

/* Assert the outcomes of jobs_of_each_manner() after a cancellation. */
static void
assert_cancelled(const EngineCase *c, unsigned n)
{
    assert_contract(2);
    g_assert_cmpuint(timer_counts.n_most, ==, UINT64_C(3) * n);
    g_assert_cmpint(record_of(c, "behind").start_ns, ==, -1);
    g_assert_cmpint(record_of(c, "behind").outcome, ==, DAG_CANCELLED);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(c->graph); id++) {
        if (id == dag_graph_find(c->graph, "clean"))
            continue;
        g_assert_cmpint(dag_run_record(c->run, id).outcome, ==, DAG_CANCELLED);
        g_assert_null(dag_run_reason(c->run, id));
    }
}

static void
test_the_run_has_a_time_limit(void)
{
    timer_counts_reset(0, NULL);

    g_autoptr(EngineCase) c = engine_case_new(jobs_of_each_manner(20),
                                              &(DagExecuteOptions){
                                                  .strategy = dag_strategy_find("dataflow"),
                                                  .n_connections = 100,
                                                  .timeout_ns = 500 * MS,
                                                  .grace_ns = 5 * MS,
                                              });

    assert_cancelled(c, 20);
    g_assert_cmpint(dag_run_stop(c->run), ==, DAG_STOP_TIMEOUT);
    g_assert_cmpint(record_of(c, "heeds0").end_ns, >=, 500 * MS);
    g_assert_cmpint(record_of(c, "lingers0").end_ns, >=, 502 * MS);
    g_assert_cmpint(record_of(c, "ignores0").end_ns, >=, 505 * MS);
    g_assert_cmpint(record_of(c, "clean").outcome, ==, DAG_SUCCEEDED);
}

/* Read-only while a run goes on. */
static DagCancel *cancel;

static void
raise_once(void)
{
    dag_cancel_raise(cancel, SIGTERM);
}

static void
raise_twice(void)
{
    dag_cancel_raise(cancel, SIGTERM);
    dag_cancel_raise(cancel, SIGTERM);
}

/* Raise the level again once `*n_left` tasks have ended. */
static void
kill_after_ends(const DagEvent *event, void *n_left)
{
    if (event->type == DAG_EVENT_TASK_FINISHED && --*(unsigned *)n_left == 0)
        dag_cancel_raise(cancel, SIGINT);
}

#define N_OF_MANNER INT64_C(1000)

/* Run jobs of each manner; cancel them with `how` when all are under way. */
static EngineCase *
run_and_cancel(void (*how)(void), int64_t grace_ns, const DagObserver *observer)
{
    EngineCase *c;

    cancel = dag_cancel_new(NULL);
    timer_counts_reset(3 * N_OF_MANNER, how);
    c = engine_case_new(jobs_of_each_manner(N_OF_MANNER),
                        &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"),
                                             .n_connections = 3 * N_OF_MANNER,
                                             .cancel = cancel,
                                             .grace_ns = grace_ns,
                                             .observers = observer,
                                             .n_observers = observer != NULL});
    g_clear_pointer(&cancel, dag_cancel_free);
    assert_cancelled(c, N_OF_MANNER);
    g_assert_cmpint(dag_run_stop(c->run), ==, DAG_STOP_CANCEL);
    g_assert_cmpint(dag_run_signal(c->run), ==, SIGTERM);
    return c;
}

static void
test_term_asks_all_jobs_to_end_and_kill_follows_the_grace(void)
{
    g_autoptr(EngineCase) c = run_and_cancel(raise_once, 5 * MS, NULL);

    g_assert_cmpuint(timer_counts.n_cancels, >=,
                     4 * N_OF_MANNER); /* those that ignore TERM: 2 */
    g_assert_cmpint(record_of(c, "clean").outcome, ==, DAG_SUCCEEDED);
}

static void
test_a_second_cancellation_kills_the_jobs_that_are_left(void)
{
    /* All but those that ignore TERM. */
    unsigned n_left = 2 * N_OF_MANNER;
    DagObserver observer = {.notify = kill_after_ends, .data = &n_left};
    g_autoptr(EngineCase) c = run_and_cancel(raise_once, LONG_NS, &observer);

    g_assert_cmpint(dag_run_duration_ns(c->run), <, LONG_NS);
    g_assert_cmpuint(timer_counts.n_cancels, ==, 4 * N_OF_MANNER);
    g_assert_cmpint(record_of(c, "clean").start_ns, ==, -1); /* KILL stops clean-ups too */
}

static void
test_kill_ends_all_jobs_at_once(void)
{
    g_autoptr(EngineCase) c = run_and_cancel(raise_twice, LONG_NS, NULL);

    g_assert_cmpuint(timer_counts.n_cancels, ==, 3 * N_OF_MANNER);
    g_assert_cmpint(record_of(c, "clean").start_ns, ==, -1);
}

static void
test_a_cancelled_run_starts_nothing(void)
{
    g_autoptr(DagCancel) raised = dag_cancel_new(NULL);

    dag_cancel_raise(raised, 0);
    timer_counts_reset(0, NULL);

    g_autoptr(EngineCase) c =
        engine_case_new(many(10, &timer, NULL), &(DagExecuteOptions){.cancel = raised});

    assert_contract(0);
    g_assert_cmpuint(timer_counts.n_starts, ==, 0);
    g_assert_cmpuint(dag_run_count(c->run, DAG_CANCELLED), ==, 10);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine-stop/exit-codes-and-reasons-are-recorded",
                    test_exit_codes_and_reasons_are_recorded);
    g_test_add_func("/engine-stop/failed-attempts-are-followed-by-others",
                    test_failed_attempts_are_followed_by_others);
    g_test_add_func("/engine-stop/a-failure-starts-nothing-more",
                    test_a_failure_starts_nothing_more);
    g_test_add_func("/engine-stop/keep-going-runs-what-does-not-depend-on-a-failure",
                    test_keep_going_runs_what_does_not_depend_on_a_failure);
    g_test_add_func("/engine-stop/a-task-has-a-time-limit", test_a_task_has_a_time_limit);
    g_test_add_func("/engine-stop/a-job-that-ends-in-time-has-not-timed-out",
                    test_a_job_that_ends_in_time_has_not_timed_out);
    g_test_add_func("/engine-stop/the-run-has-a-time-limit", test_the_run_has_a_time_limit);
    g_test_add_func("/engine-stop/term-asks-all-jobs-to-end-and-kill-follows-the-grace",
                    test_term_asks_all_jobs_to_end_and_kill_follows_the_grace);
    g_test_add_func("/engine-stop/a-second-cancellation-kills-the-jobs-that-are-left",
                    test_a_second_cancellation_kills_the_jobs_that_are_left);
    g_test_add_func("/engine-stop/kill-ends-all-jobs-at-once",
                    test_kill_ends_all_jobs_at_once);
    g_test_add_func("/engine-stop/a-cancelled-run-starts-nothing",
                    test_a_cancelled_run_starts_nothing);
    status = g_test_run();
    end_unused_threads();
    return status;
}
