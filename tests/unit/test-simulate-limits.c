/* SPDX-License-Identifier: MIT */
/*
 * The simulator: failures, retries and time limits on the virtual clock.
 */
#include <math.h>

#include "simulate-case.h"

/* An attempt takes the cost of its task.  Tasks called "f…" fail with 3; those called "t…" fail
 * with 3 at their first two attempts. */
static DagSimulatedAttempt
attempt_by_name(const DagPlan *plan, DagTaskId id, unsigned attempt, void *data)
{
    const char *name = dag_graph_task_name(dag_plan_graph(plan), id);
    bool fails = name[0] == 'f' || (name[0] == 't' && attempt <= 2);

    g_assert_null(data);
    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = fails ? 3 : 0,
                                 .reason = fails ? "exit status 3" : NULL};
}

static void
test_failure_stops_the_run(void)
{
    g_auto(Case) it =
        case_of("f:1 a:3 b<f:1 c<a:1 d:1 z<f:2*",
                (DagSimulateOptions){.n_workers = 2, .attempt = attempt_by_name});

    assert_ended(&it, "f", DAG_FAILED);
    g_assert_cmpint(record_of(&it, "f").exit_code, ==, 3);
    g_assert_cmpstr(dag_run_reason(it.run, 0), ==, "exit status 3");
    assert_ended(&it, "a", DAG_SUCCEEDED); /* it was running */
    assert_ended(&it, "b", DAG_BLOCKED);
    assert_ended(&it, "c", DAG_CANCELLED);
    assert_ended(&it, "d", DAG_CANCELLED);
    assert_ended(&it, "z", DAG_SUCCEEDED);
    assert_ran(&it, "z", 1, 3);
    g_assert_cmpint(record_of(&it, "d").start_ns, ==, -1);
    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_FAILURE);
    g_assert_false(dag_run_succeeded(it.run));
    assert_makespan(&it, 3);
}

/* The tasks before "s" are decided when it starts; "f2" fails later.  simulate() verifies both. */
static void
test_clean_up_starts_behind_decided_tasks(void)
{
    g_auto(Case) it =
        case_of("f:1 b<f:1 s<b:2* f2:4 c<f2:1 z<c:2* d<f2:1",
                (DagSimulateOptions){.n_workers = 3, .attempt = attempt_by_name});

    assert_ended(&it, "b", DAG_BLOCKED);
    assert_ended(&it, "c", DAG_CANCELLED);
    assert_ended(&it, "d", DAG_BLOCKED);
    assert_ran(&it, "s", 1, 3);
    assert_ran(&it, "z", 1, 3);
    assert_ran(&it, "f2", 0, 4);
}

static void
test_keep_going_blocks_only_what_depends_on_the_failure(void)
{
    g_auto(Case) it =
        case_of("f:1 a:3 b<f:1 c<a:1 d:1 e<b g<a:1~",
                (DagSimulateOptions){
                    .n_workers = 2, .keep_going = true, .attempt = attempt_by_name});

    assert_ended(&it, "f", DAG_FAILED);
    assert_ended(&it, "b", DAG_BLOCKED);
    assert_ended(&it, "e", DAG_BLOCKED);
    assert_ran(&it, "d", 1, 2);
    assert_ran(&it, "c", 3, 4);
    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_NONE);
    g_assert_true(dag_run_keeps_going(it.run));
    g_assert_cmpuint(dag_run_count(it.run, DAG_SUCCEEDED), ==, 4);
}

static void
test_allowed_failure_lets_successors_run(void)
{
    g_auto(Case) it = case_of(
        "f:1~ b<f:1", (DagSimulateOptions){.n_workers = 2, .attempt = attempt_by_name});

    assert_ended(&it, "f", DAG_FAILED);
    assert_ran(&it, "b", 1, 2);
    g_assert_true(dag_run_succeeded(it.run));
    g_assert_cmpuint(dag_run_n_allowed(it.run), ==, 1);
}

/* Return the case of task "t", which needs three attempts, and "other". */
static Case
retried_case(uint64_t seed, unsigned run_retries, int32_t task_retries)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.retries = task_retries, .retry_delay_ns = 4 * SECOND_NS};

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "t", .cost = 1, .policy = policy});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "other", .cost = 2});
    Case it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 1,
                                                    .seed = seed,
                                                    .retries = run_retries,
                                                    .attempt = attempt_by_name});
    return it;
}

static void
test_retries_pause_without_a_worker(void)
{
    g_auto(Case) it = retried_case(5, 0, 2);
    DagAttempt attempts[3];

    for (unsigned i = 0; i < 3; i++)
        attempts[i] = dag_run_attempt(it.run, 0, i);
    g_assert_cmpuint(record_of(&it, "t").n_attempts, ==, 3);
    assert_ended(&it, "t", DAG_SUCCEEDED);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpint(attempts[i].end_ns - attempts[i].start_ns, ==, SECOND_NS);
        g_assert_cmpint(attempts[i].outcome, ==, i < 2 ? DAG_FAILED : DAG_SUCCEEDED);
        g_assert_cmpint(attempts[i].exit_code, ==, i < 2 ? 3 : 0);
    }
    g_assert_cmpstr(attempts[1].reason, ==, "exit status 3");
    g_assert_null(attempts[2].reason);

    /* The pauses are 2 to 4 and 4 to 8 seconds; the other task runs in the first one. */
    assert_ran(&it, "other", 1, 3);
    g_assert_cmpint(attempts[1].start_ns - attempts[0].end_ns, >=, 2 * SECOND_NS);
    g_assert_cmpint(attempts[1].start_ns - attempts[0].end_ns, <=, 4 * SECOND_NS);
    g_assert_cmpint(attempts[2].start_ns - attempts[1].end_ns, >=, 4 * SECOND_NS);
    g_assert_cmpint(attempts[2].start_ns - attempts[1].end_ns, <=, 8 * SECOND_NS);
    g_assert_cmpint(dag_run_busy_ns(it.run, 0), ==, 3 * SECOND_NS);
    g_assert_cmpint(dag_run_makespan_ns(it.run), ==, attempts[2].end_ns);
}

/* The first pause is 2 to 4 seconds long, and a worker is free after each second. */
static void
test_a_retry_goes_first_when_it_is_due(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.retries = 2, .retry_delay_ns = 4 * SECOND_NS};

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "t", .cost = 1, .policy = policy});
    declare_words(builder, "b:1 c:1 d:1 e:1 g:1 h:1 i:1 k:1", NULL, NULL);

    g_auto(Case) it = case_finish(builder);

    it.run =
        simulate(it.plan, (DagSimulateOptions){.n_workers = 1, .attempt = attempt_by_name});
    g_assert_cmpint(dag_run_attempt(it.run, 0, 1).start_ns, >=, 3 * SECOND_NS);
    g_assert_cmpint(dag_run_attempt(it.run, 0, 1).start_ns, <=, 5 * SECOND_NS);
    g_assert_cmpint(record_of(&it, "k").start_ns, >, 5 * SECOND_NS);
}

static void
test_retries_of_the_run_are_for_tasks_that_declare_none(void)
{
    g_auto(Case) by_run = retried_case(5, 2, 0);
    g_auto(Case) by_task = retried_case(5, 2, 1);
    g_auto(Case) never = retried_case(5, 2, DAG_ZERO);

    g_assert_cmpuint(record_of(&by_run, "t").n_attempts, ==, 3);
    g_assert_cmpuint(record_of(&by_task, "t").n_attempts, ==, 2);
    assert_ended(&by_task, "t", DAG_FAILED);
    g_assert_cmpuint(record_of(&never, "t").n_attempts, ==, 1);
    g_assert_cmpuint(dag_run_retries(by_run.run), ==, 2);
}

static void
test_pauses_depend_on_the_seed_alone(void)
{
    g_auto(Case) first = retried_case(5, 0, 2);
    g_auto(Case) second = retried_case(5, 0, 2);
    g_auto(Case) other = retried_case(6, 0, 2);

    g_assert_cmpint(dag_run_makespan_ns(first.run), ==, dag_run_makespan_ns(second.run));
    g_assert_cmpint(dag_run_makespan_ns(first.run), !=, dag_run_makespan_ns(other.run));
}

static void
test_timeout_of_a_task_ends_its_attempt(void)
{
    DagBuilder *builder = builder_of("after<slow", NULL, NULL);
    DagPolicy policy = {.timeout_ns = 2 * SECOND_NS};

    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "slow", .cost = 5, .policy = policy});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "just", .cost = 2, .policy = policy});
    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 2, .keep_going = true});
    assert_ran(&it, "slow", 0, 2);
    assert_ended(&it, "slow", DAG_TIMED_OUT);
    g_assert_cmpint(record_of(&it, "slow").exit_code, ==, DAG_EXIT_NONE);
    g_assert_cmpstr(dag_run_reason(it.run, dag_graph_find(it.graph, "slow")), ==,
                    "its timeout is 2.00 s");
    assert_ended(&it, "after", DAG_BLOCKED);
    assert_ended(&it, "just", DAG_SUCCEEDED);
}

static void
test_timeout_of_the_run_spares_clean_ups(void)
{
    g_auto(Case) it =
        case_of("a:3 b<a:4 c<b:1 z<b:2* y:10* e<a:1",
                (DagSimulateOptions){.n_workers = 3, .timeout_ns = 5 * SECOND_NS});

    assert_ran(&it, "a", 0, 3);
    assert_ran(&it, "b", 3, 5);
    assert_ended(&it, "b", DAG_CANCELLED);
    assert_ran(&it, "e", 3, 4);
    assert_ended(&it, "c", DAG_CANCELLED);
    g_assert_cmpuint(record_of(&it, "c").n_attempts, ==, 0);
    assert_ran(&it, "z", 5, 7);
    assert_ended(&it, "z", DAG_SUCCEEDED);
    assert_ran(&it, "y", 0, 10);
    assert_ended(&it, "y", DAG_SUCCEEDED);
    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_TIMEOUT);
    g_assert_cmpint(dag_run_timeout_ns(it.run), ==, 5 * SECOND_NS);
}

/* A run that needs all of its time has not run out of time. */
static void
test_run_may_end_at_its_time_limit(void)
{
    g_auto(Case) it = case_of(
        "a:3 b<a:2", (DagSimulateOptions){.n_workers = 1, .timeout_ns = 5 * SECOND_NS});

    assert_makespan(&it, 5);
    assert_all_succeeded(&it);
}

static void
test_time_limit_ends_a_pause(void)
{
    DagBuilder *builder = dag_builder_new();
    DagPolicy policy = {.retries = 2, .retry_delay_ns = 100 * SECOND_NS};

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "t", .cost = 1, .policy = policy});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "after", .needs = "t"});
    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 1,
                                                    .timeout_ns = 20 * SECOND_NS,
                                                    .attempt = attempt_by_name});
    assert_ended(&it, "t", DAG_FAILED);
    assert_ended(&it, "after", DAG_BLOCKED);
    g_assert_cmpuint(record_of(&it, "t").n_attempts, ==, 1);
    g_assert_cmpint(dag_run_stop(it.run), ==, DAG_STOP_TIMEOUT);
    g_assert_cmpint(dag_run_duration_ns(it.run), ==, 20 * SECOND_NS);
}

/* Attempts take so many seconds as `data` points to. */
static DagSimulatedAttempt
attempt_of_length(G_GNUC_UNUSED const DagPlan *plan, G_GNUC_UNUSED DagTaskId id,
                  G_GNUC_UNUSED unsigned attempt, void *data)
{
    return (DagSimulatedAttempt){.seconds = *(const double *)data,
                                 .outcome = DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static void
test_strange_durations_are_bounded(void)
{
    double lengths[] = {-3, (double)NAN, 1e300, (double)INFINITY, 1e-10};

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_auto(Case) it =
            case_of("a b<a c<b", (DagSimulateOptions){.n_workers = 2,
                                                      .attempt = attempt_of_length,
                                                      .data = &lengths[i]});

        assert_all_succeeded(&it);
        g_assert_cmpint(dag_run_makespan_ns(it.run), >=, 0);
        if (!(lengths[i] > 1))
            assert_makespan(&it, 0);
        else
            g_assert_cmpint(dag_run_makespan_ns(it.run), >=, INT64_MAX / 2);
    }
}

/* A connection task reserves the pool of a worker task only until it has started itself. */
static void
test_pool_is_shared_by_workers_and_connections_at_once(void)
{
    static const DagKind connected = {.name = "connected",
                                      .occupies = DAG_OCCUPIES_CONNECTION};
    DagBuilder *builder = dag_builder_new();

    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 10});
    declare_words(builder, "call:5@p", &connected, NULL);
    declare_words(builder, "work:5@p", NULL, NULL);

    g_auto(Case) it = case_finish(builder);

    it.run = simulate(it.plan, (DagSimulateOptions){.n_workers = 1});
    assert_ran(&it, "call", 0, 5);
    assert_ran(&it, "work", 0, 5);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulate-limits/fail-fast", test_failure_stops_the_run);
    g_test_add_func("/simulate-limits/clean-up-behind-decided-tasks",
                    test_clean_up_starts_behind_decided_tasks);
    g_test_add_func("/simulate-limits/keep-going",
                    test_keep_going_blocks_only_what_depends_on_the_failure);
    g_test_add_func("/simulate-limits/allow-failure",
                    test_allowed_failure_lets_successors_run);
    g_test_add_func("/simulate-limits/retries", test_retries_pause_without_a_worker);
    g_test_add_func("/simulate-limits/retry-goes-first",
                    test_a_retry_goes_first_when_it_is_due);
    g_test_add_func("/simulate-limits/default-retries",
                    test_retries_of_the_run_are_for_tasks_that_declare_none);
    g_test_add_func("/simulate-limits/pauses", test_pauses_depend_on_the_seed_alone);
    g_test_add_func("/simulate-limits/timeout", test_timeout_of_a_task_ends_its_attempt);
    g_test_add_func("/simulate-limits/run-timeout",
                    test_timeout_of_the_run_spares_clean_ups);
    g_test_add_func("/simulate-limits/exact-run-timeout",
                    test_run_may_end_at_its_time_limit);
    g_test_add_func("/simulate-limits/run-timeout-in-a-pause",
                    test_time_limit_ends_a_pause);
    g_test_add_func("/simulate-limits/strange-durations",
                    test_strange_durations_are_bounded);
    g_test_add_func("/simulate-limits/shared-pool",
                    test_pool_is_shared_by_workers_and_connections_at_once);
    return g_test_run();
}
