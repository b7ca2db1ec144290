/* SPDX-License-Identifier: MIT */
/*
 * Allowed failures, clean-ups, further attempts and pools: one test per rule.
 */
#include "ready-set-case.h"

static void
test_an_allowed_failure_lets_its_successors_go_on(void)
{
    static const char *const strategies[] = {"dataflow", "phases"};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        Fixture f;

        begin(&f, "a~ b<a c<b", strategies[i], false);
        assert_takes(&f, "a");
        end_task(&f, "a", i == 0 ? DAG_FAILED : DAG_TIMED_OUT);
        assert_takes(&f, "b");
        succeed(&f, "b");
        assert_takes(&f, "c");
        succeed(&f, "c");
        assert_done(&f, i == 0 ? "" : "+1 -1 +2 -2 +3 -3");
        end(&f);
    }
}

static void
test_a_cancelled_task_is_not_an_allowed_failure(void)
{
    Fixture f;

    begin(&f, "a~ b<a", "dataflow", true);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_CANCELLED);
    assert_done(&f, "b:cancelled");
    end(&f);
}

static void
test_a_clean_up_waits_for_the_end_of_its_predecessors_with_any_outcome(void)
{
    Fixture f;

    begin(&f, "a b s<a,b*", "dataflow", true);
    assert_takes(&f, "a b");
    end_task(&f, "a", DAG_FAILED);
    assert_waits(&f);
    succeed(&f, "b");
    assert_takes(&f, "s");
    succeed(&f, "s");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_clean_up_runs_behind_blocked_tasks(void)
{
    Fixture f;

    begin(&f, "a b<a c<b s<c*", "dataflow", true);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_FAILED);
    assert_takes(&f, "s");
    succeed(&f, "s");
    assert_done(&f, "b:blocked c:blocked");
    end(&f);
}

static void
test_a_clean_up_still_starts_when_a_failure_stops_the_rest(void)
{
    Fixture f;

    begin(&f, "a b c<b s<c* z", "dataflow", false);
    assert_takes(&f, "a b");
    end_task(&f, "a", DAG_FAILED);
    /* "c" will not run.  "b" still runs, but "s" does not need it. */
    assert_takes(&f, "s");
    succeed(&f, "s b");
    assert_done(&f, "c:cancelled z:cancelled");
    end(&f);
}

static void
test_a_clean_up_waits_for_running_tasks_in_a_stopped_set(void)
{
    Fixture f;

    begin(&f, "a b s<a,b*", "dataflow", false);
    assert_takes(&f, "a");
    dag__ready_stop(f.set);
    assert_waits(&f);
    end_task(&f, "a", DAG_CANCELLED);
    assert_takes(&f, "s");
    succeed(&f, "s");
    assert_done(&f, "b:cancelled");
    end(&f);
}

static void
test_a_clean_up_keeps_to_its_phase_in_a_stopped_set(void)
{
    Fixture f;

    begin(&f, "a b<a s<a* t<b*", "phases", false);
    assert_takes(&f, "a");
    dag__ready_stop(f.set);
    assert_waits(&f);
    end_task(&f, "a", DAG_CANCELLED);
    assert_takes(&f, "s");
    assert_waits(&f); /* "t" is in the phase behind */
    succeed(&f, "s");
    assert_takes(&f, "t");
    succeed(&f, "t");
    assert_done(&f, "+1 -1 +2 b:cancelled -2 +3 -3");
    end(&f);
}

static void
test_a_successor_of_a_clean_up_is_an_ordinary_task(void)
{
    Fixture f;

    begin(&f, "a s<a* n<s", "dataflow", false);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_FAILED);
    assert_takes(&f, "s");
    succeed(&f, "s");
    assert_done(&f, "n:cancelled");
    end(&f);

    begin(&f, "a s<a* n<s", "dataflow", true);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_FAILED);
    assert_takes(&f, "s");
    succeed(&f, "s");
    assert_takes(&f, "n");
    succeed(&f, "n");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_clean_up_starts_after_the_decision_about_tasks_before_it(void)
{
    Fixture f;

    begin(&f, "a b<a c<b s<c*", "dataflow", false);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_FAILED);
    g_assert_cmpstr(f.log->str, ==, "");
    assert_takes(&f, "s");
    g_assert_cmpstr(f.log->str, ==, "b:blocked c:blocked ");
    succeed(&f, "s");
    assert_done(&f, "b:blocked c:blocked");
    end(&f);
}

static void
test_a_failure_after_the_start_of_a_clean_up_does_not_change_an_outcome(void)
{
    Fixture f;

    begin(&f, "a x b<x c<b s<c* d<x", "dataflow", false);
    assert_takes(&f, "a x");
    end_task(&f, "a", DAG_FAILED);
    assert_takes(&f, "s");
    g_assert_cmpstr(f.log->str, ==, "b:cancelled c:cancelled ");
    end_task(&f, "x", DAG_FAILED);
    succeed(&f, "s");
    assert_done(&f, "b:cancelled c:cancelled d:blocked");
    end(&f);
}

static void
test_a_halted_set_starts_no_clean_up_either(void)
{
    Fixture f;

    begin(&f, "a s<a* t<s*", "dataflow", false);
    assert_takes(&f, "a");
    dag__ready_stop(f.set);
    end_task(&f, "a", DAG_CANCELLED);
    assert_takes(&f, "s");
    dag__ready_halt(f.set);
    end_task(&f, "s", DAG_CANCELLED);
    assert_done(&f, "t:cancelled");
    end(&f);
}

static void
test_a_task_to_be_tried_again_waits_until_it_is_due(void)
{
    Fixture f;

    begin(&f, "a b c<a", "dataflow", false);
    assert_takes(&f, "a b");
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, INT64_MAX);
    g_assert_true(retry(&f, "a", 100));
    succeed(&f, "b");
    assert_waits(&f);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 100);
    dag__ready_wake(f.set, 99);
    assert_waits(&f);
    dag__ready_wake(f.set, 100);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, INT64_MAX);
    assert_takes(&f, "a");
    succeed(&f, "a");
    assert_takes(&f, "c");
    succeed(&f, "c");
    assert_done(&f, "");
    end(&f);
}

static void
test_paused_tasks_are_woken_in_the_order_of_their_times(void)
{
    Fixture f;

    begin(&f, "a b c", "dataflow", false);
    assert_takes(&f, "a b c");
    g_assert_true(retry(&f, "a", 300) && retry(&f, "b", 200) && retry(&f, "c", 300));
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, 200);
    dag__ready_wake(f.set, 250);
    assert_takes(&f, "b");
    assert_waits(&f);
    dag__ready_wake(f.set, 1000);
    assert_takes(&f, "a c");
    succeed(&f, "a b c");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_barrier_waits_for_paused_tasks(void)
{
    Fixture f;

    begin(&f, "a b<a", "phases", false);
    assert_takes(&f, "a");
    g_assert_true(retry(&f, "a", 5));
    assert_waits(&f);
    dag__ready_wake(f.set, 5);
    assert_takes(&f, "a");
    succeed(&f, "a");
    assert_takes(&f, "b");
    succeed(&f, "b");
    assert_done(&f, "+1 -1 +2 -2");
    end(&f);
}

static void
test_a_paused_task_has_failed_when_the_set_is_stopped(void)
{
    Fixture f;

    begin(&f, "a b<a c", "dataflow", true);
    assert_takes(&f, "a c");
    g_assert_true(retry(&f, "a", 1000));
    dag__ready_stop(f.set);
    g_assert_cmpint(dag__ready_next_ns(f.set), ==, INT64_MAX);
    succeed(&f, "c");
    assert_done(&f, "a:failed b:blocked");
    end(&f);
}

static void
test_in_a_stopped_set_only_clean_ups_are_tried_again(void)
{
    Fixture f;

    begin(&f, "a s<a*", "dataflow", false);
    assert_takes(&f, "a");
    dag__ready_stop(f.set);
    g_assert_false(retry(&f, "a", 10));
    end_task(&f, "a", DAG_FAILED);
    assert_takes(&f, "s");
    g_assert_true(retry(&f, "s", 10));
    assert_waits(&f);
    dag__ready_wake(f.set, 10);
    assert_takes(&f, "s");
    dag__ready_halt(f.set);
    g_assert_false(retry(&f, "s", 20));
    end_task(&f, "s", DAG_FAILED);
    assert_done(&f, "");
    end(&f);
}

static void
test_a_paused_clean_up_fails_when_the_set_is_halted(void)
{
    Fixture f;

    begin(&f, "s* n<s", "dataflow", false);
    assert_takes(&f, "s");
    g_assert_true(retry(&f, "s", 10));
    dag__ready_stop(f.set);
    assert_waits(&f);
    dag__ready_halt(f.set);
    assert_done(&f, "s:failed n:blocked");
    end(&f);
}

static void
test_a_task_starts_when_its_pools_have_enough_slots(void)
{
    Fixture f;

    begin(&f, "a@p=2 b@p c@q d", "dataflow", false);
    assert_takes(&f, "a c d"); /* "b" waits for "a" */
    assert_waits(&f);
    succeed(&f, "c d");
    assert_waits(&f);
    succeed(&f, "a");
    assert_takes(&f, "b");
    succeed(&f, "b");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_paused_task_holds_no_pool(void)
{
    Fixture f;

    begin(&f, "a@p=2 b@p=2", "dataflow", false);
    assert_takes(&f, "a");
    g_assert_true(retry(&f, "a", 10));
    assert_takes(&f, "b");
    dag__ready_wake(f.set, 10);
    assert_waits(&f);
    succeed(&f, "b");
    assert_takes(&f, "a");
    succeed(&f, "a");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_task_that_is_due_goes_first_under_every_strategy(void)
{
    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        Fixture f;
        DagTaskId first;
        const char *name;

        begin_on(&f, "a:5 b:1 c:9 d:3 e:7", *strategy, false, 1);
        first = dag__ready_next(f.set, DAG_OCCUPIES_WORKER, 0);
        name = dag_graph_task_name(f.graph, first);
        g_assert_true(retry(&f, name, 10));
        for (int i = 0; i < 2; i++) {
            DagTaskId other = dag__ready_next(f.set, DAG_OCCUPIES_WORKER, 9);

            g_assert_cmpuint(other, !=, first);
            dag__ready_end(f.set, other, DAG_SUCCEEDED);
        }
        assert_takes_at(&f, name, 10);
        end(&f);
    }
}

static void
test_tasks_that_are_due_keep_the_order_of_their_times(void)
{
    Fixture f;

    begin_on(&f, "a b c d e<a", dag_strategy_find("depth-first"), false, 4);
    assert_takes(&f, "d c b a");
    g_assert_true(retry(&f, "c", 10) && retry(&f, "b", 30) && retry(&f, "d", 20));
    succeed(&f, "a");
    dag__ready_wake(f.set, 20);
    dag__ready_wake(f.set, 30);
    assert_takes(&f, "c d b e");
    end(&f);
}

static void
test_a_task_that_is_due_goes_behind_a_higher_priority(void)
{
    Fixture f;

    begin_on(&f, "a!2 b!1 c!3 d!2", dag_strategy_find("dataflow"), false, 2);
    assert_takes(&f, "c a");
    g_assert_true(retry(&f, "a", 10) && retry(&f, "c", 10));
    assert_takes_at(&f, "c", 10);
    assert_takes(&f, "a");
    succeed(&f, "a c");
    assert_takes(&f, "d b");
    g_assert_true(retry(&f, "b", 20));
    dag__ready_wake(f.set, 20);
    assert_takes(&f, "b");
    end(&f);

    begin_on(&f, "a!1 b!2 c!2", dag_strategy_find("dataflow"), false, 3);
    assert_takes(&f, "b c a");
    g_assert_true(retry(&f, "a", 10) && retry(&f, "b", 20) && retry(&f, "c", 15));
    dag__ready_wake(f.set, 20);
    assert_takes(&f, "c b a");
    end(&f);
}

static void
test_a_task_that_is_due_gets_the_next_slots_of_its_pool(void)
{
    Fixture f;

    begin(&f, "a@p=2 b@p=1 c@p=1 d@p=1 e", "dataflow", false);
    assert_takes(&f, "a e");
    g_assert_true(retry(&f, "a", 10));
    assert_takes(&f, "b c");
    dag__ready_wake(f.set, 10);
    succeed(&f, "b");
    assert_waits(&f); /* a slot is free, but "a" needs two, and "d" comes after it */
    succeed(&f, "c");
    assert_takes(&f, "a");
    end(&f);
}

static void
test_a_settled_task_succeeds_and_holds_no_pool(void)
{
    Fixture f;

    begin(&f, "a@p=2 b@p=2 c<a", "dataflow", false);
    assert_takes(&f, "a");
    assert_waits(&f);
    dag__ready_settle(f.set, dag_graph_find(f.graph, "a"));
    assert_takes(&f, "b c");
    succeed(&f, "b c");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_stop_keeps_the_order_of_clean_ups(void)
{
    static const char *const strategies[] = {"dataflow", "depth-first", "critical-path"};
    static const char *const orders[] = {"s t u", "u t s", "u t s"};

    for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
        Fixture f;

        begin(&f, "x s:1* t:2* u:3*", strategies[i], false);
        dag__ready_stop(f.set);
        assert_takes(&f, orders[i]);
        end(&f);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ready-set-limits/an-allowed-failure-lets-its-successors-go-on",
                    test_an_allowed_failure_lets_its_successors_go_on);
    g_test_add_func("/ready-set-limits/a-cancelled-task-is-not-an-allowed-failure",
                    test_a_cancelled_task_is_not_an_allowed_failure);
    g_test_add_func("/ready-set-limits/"
                    "a-clean-up-waits-for-the-end-of-its-predecessors-with-any-outcome",
                    test_a_clean_up_waits_for_the_end_of_its_predecessors_with_any_outcome);
    g_test_add_func("/ready-set-limits/a-clean-up-runs-behind-blocked-tasks",
                    test_a_clean_up_runs_behind_blocked_tasks);
    g_test_add_func(
        "/ready-set-limits/a-clean-up-still-starts-when-a-failure-stops-the-rest",
        test_a_clean_up_still_starts_when_a_failure_stops_the_rest);
    g_test_add_func("/ready-set-limits/a-clean-up-waits-for-running-tasks-in-a-stopped-set",
                    test_a_clean_up_waits_for_running_tasks_in_a_stopped_set);
    g_test_add_func("/ready-set-limits/a-clean-up-keeps-to-its-phase-in-a-stopped-set",
                    test_a_clean_up_keeps_to_its_phase_in_a_stopped_set);
    g_test_add_func("/ready-set-limits/a-successor-of-a-clean-up-is-an-ordinary-task",
                    test_a_successor_of_a_clean_up_is_an_ordinary_task);
    g_test_add_func("/ready-set-limits/"
                    "a-clean-up-starts-after-the-decision-about-tasks-before-it",
                    test_a_clean_up_starts_after_the_decision_about_tasks_before_it);
    g_test_add_func(
        "/ready-set-limits/"
        "a-failure-after-the-start-of-a-clean-up-does-not-change-an-outcome",
        test_a_failure_after_the_start_of_a_clean_up_does_not_change_an_outcome);
    g_test_add_func("/ready-set-limits/a-halted-set-starts-no-clean-up-either",
                    test_a_halted_set_starts_no_clean_up_either);
    g_test_add_func("/ready-set-limits/a-task-to-be-tried-again-waits-until-it-is-due",
                    test_a_task_to_be_tried_again_waits_until_it_is_due);
    g_test_add_func("/ready-set-limits/paused-tasks-are-woken-in-the-order-of-their-times",
                    test_paused_tasks_are_woken_in_the_order_of_their_times);
    g_test_add_func("/ready-set-limits/a-barrier-waits-for-paused-tasks",
                    test_a_barrier_waits_for_paused_tasks);
    g_test_add_func("/ready-set-limits/"
                    "a-paused-task-has-failed-when-the-set-is-stopped",
                    test_a_paused_task_has_failed_when_the_set_is_stopped);
    g_test_add_func("/ready-set-limits/in-a-stopped-set-only-clean-ups-are-tried-again",
                    test_in_a_stopped_set_only_clean_ups_are_tried_again);
    g_test_add_func("/ready-set-limits/"
                    "a-paused-clean-up-fails-when-the-set-is-halted",
                    test_a_paused_clean_up_fails_when_the_set_is_halted);
    g_test_add_func("/ready-set-limits/a-task-starts-when-its-pools-have-enough-slots",
                    test_a_task_starts_when_its_pools_have_enough_slots);
    g_test_add_func("/ready-set-limits/a-paused-task-holds-no-pool",
                    test_a_paused_task_holds_no_pool);
    g_test_add_func("/ready-set-limits/due/every-strategy",
                    test_a_task_that_is_due_goes_first_under_every_strategy);
    g_test_add_func("/ready-set-limits/due/order-of-times",
                    test_tasks_that_are_due_keep_the_order_of_their_times);
    g_test_add_func("/ready-set-limits/due/priorities",
                    test_a_task_that_is_due_goes_behind_a_higher_priority);
    g_test_add_func("/ready-set-limits/due/pools",
                    test_a_task_that_is_due_gets_the_next_slots_of_its_pool);
    g_test_add_func("/ready-set-limits/a-settled-task-succeeds-and-holds-no-pool",
                    test_a_settled_task_succeeds_and_holds_no_pool);
    g_test_add_func("/ready-set-limits/a-stop-keeps-the-order-of-clean-ups",
                    test_a_stop_keeps_the_order_of_clean_ups);
    return g_test_run();
}
