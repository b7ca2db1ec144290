/* SPDX-License-Identifier: MIT */
#include "ready-set-case.h"

static void
test_a_task_is_ready_when_all_its_predecessors_have_succeeded(void)
{
    Fixture f;

    begin(&f, "a b c<a,b d<a", "dataflow", false);
    assert_takes(&f, "a b");
    assert_waits(&f);
    succeed(&f, "a");
    assert_takes(&f, "d");
    assert_waits(&f);
    succeed(&f, "b");
    assert_takes(&f, "c");
    succeed(&f, "c d");
    assert_done(&f, "");
    end(&f);
}

static void
test_a_barrier_holds_until_all_of_a_phase_has_ended(void)
{
    Fixture f;

    begin(&f, "a b c<a d<b e<d", "phases", false);
    assert_takes(&f, "a b");
    succeed(&f, "a");
    assert_waits(&f);
    succeed(&f, "b");
    assert_takes(&f, "c d");
    succeed(&f, "d");
    assert_waits(&f);
    succeed(&f, "c");
    assert_takes(&f, "e");
    succeed(&f, "e");
    assert_done(&f, "+1 -1 +2 -2 +3 -3");
    end(&f);
}

static void
test_within_a_phase_the_strategy_decides(void)
{
    Fixture f;

    begin(&f, "a:1 b:5 c<a:2 d<b:3 e<b:3", "phases-longest", false);
    assert_takes(&f, "b a");
    succeed(&f, "b a");
    assert_takes(&f, "d e c");
    succeed(&f, "c d e");
    assert_done(&f, "+1 -1 +2 -2");
    end(&f);
}

static void
test_tasks_behind_a_failure_are_blocked_and_others_go_on(void)
{
    Fixture f;

    begin(&f, "a b c<a d<c e<b f<d,b", "dataflow", true);
    assert_takes(&f, "a b");
    end_task(&f, "a", DAG_FAILED);
    assert_waits(&f);
    succeed(&f, "b");
    assert_takes(&f, "e");
    succeed(&f, "e");
    assert_done(&f, "c:blocked d:blocked f:blocked");
    g_assert_cmpint(task_table_outcome(&f.set->tasks, dag_graph_find(f.graph, "f")), ==,
                    DAG_BLOCKED);
    end(&f);
}

static void
test_tasks_blocked_in_phases_not_begun_are_not_waited_for(void)
{
    Fixture f;

    begin(&f, "a b c<a d<b e<c f<d", "phases", true);
    assert_takes(&f, "a b");
    end_task(&f, "a", DAG_TIMED_OUT);
    assert_waits(&f);
    succeed(&f, "b");
    assert_takes(&f, "d");
    succeed(&f, "d");
    assert_takes(&f, "f");
    succeed(&f, "f");
    assert_done(&f, "+1 c:blocked e:blocked -1 +2 -2 +3 -3");
    end(&f);
}

static void
test_a_phase_that_is_blocked_as_a_whole_does_not_begin(void)
{
    Fixture f;

    begin(&f, "a b<a c<b", "phases", true);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_FAILED);
    assert_done(&f, "+1 b:blocked c:blocked -1");
    end(&f);
}

static void
test_a_phase_in_the_middle_may_be_blocked(void)
{
    Fixture f;

    /* "d" has no needs, and is in the last phase. */
    begin(&f, "a b<a c<b d", "phases", true);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_FAILED);
    assert_takes(&f, "d");
    succeed(&f, "d");
    assert_done(&f, "+1 b:blocked c:blocked -1 +3 -3");
    end(&f);
}

static void
test_without_keep_going_a_failure_stops_the_set(void)
{
    Fixture f;

    begin(&f, "a b x c<a d<b e<x", "dataflow", false);
    assert_takes(&f, "a b");
    end_task(&f, "a", DAG_FAILED);
    assert_waits(&f);
    succeed(&f, "b");
    assert_done(&f, "x:cancelled c:blocked d:cancelled e:cancelled");
    end(&f);
}

static void
test_a_cancelled_task_stops_the_set_and_blocks_no_task(void)
{
    Fixture f;

    begin(&f, "a b<a c", "dataflow", true);
    assert_takes(&f, "a");
    end_task(&f, "a", DAG_CANCELLED);
    assert_done(&f, "b:cancelled c:cancelled");
    end(&f);
}

static void
test_a_stopped_set_starts_nothing_more(void)
{
    Fixture f;

    begin(&f, "a b c<a,b", "phases", true);
    assert_takes(&f, "a");
    dag__ready_stop(f.set);
    assert_waits(&f);
    succeed(&f, "a");
    assert_done(&f, "+1 b:cancelled -1 c:cancelled");
    end(&f);
}

/* Also with more predecessors than a byte can count. */
static void
test_a_task_waits_for_any_number_of_others(void)
{
    static const unsigned sizes[] = {1, 2, 254, 255, 256, 257, 511, 512, 513, 1000};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GString) words = g_string_new(NULL);
        g_autoptr(GString) needs = g_string_new(NULL);
        Fixture f;

        for (unsigned k = 0; k < sizes[i]; k++) {
            g_string_append_printf(words, "t%u ", k);
            g_string_append_printf(needs, "%ct%u", k > 0 ? ',' : '<', k);
        }
        g_string_append_printf(words, "x%s y<x", needs->str);
        begin(&f, words->str, "dataflow", false);
        for (unsigned k = 0; k < sizes[i]; k++) {
            g_autofree char *name = g_strdup_printf("t%u", k);

            assert_takes(&f, name);
            succeed(&f, name);
        }
        assert_takes(&f, "x");
        succeed(&f, "x");
        assert_takes(&f, "y");
        succeed(&f, "y");
        assert_done(&f, "");
        end(&f);
    }
}

/* More tasks than the initial capacity of the queue. */
static void
test_any_number_of_tasks_may_become_ready_at_once(void)
{
    g_autoptr(GString) words = g_string_new("a");
    Fixture f;

    for (int i = 0; i < 5000; i++)
        g_string_append_printf(words, " t%d<a", i);
    begin(&f, words->str, "dataflow", false);
    assert_takes(&f, "a");
    succeed(&f, "a");
    for (int i = 0; i < 5000; i++) {
        g_autofree char *name = g_strdup_printf("t%d", i);

        assert_takes(&f, name);
    }
    end(&f);
}

static void
test_an_empty_set_is_done_at_once(void)
{
    for (const DagStrategy *const *s = dag_strategies(); *s; s++) {
        Fixture f;

        begin(&f, "", (*s)->name, false);
        assert_done(&f, "");
        end(&f);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ready-set/a-task-is-ready-when-all-its-predecessors-have-succeeded",
                    test_a_task_is_ready_when_all_its_predecessors_have_succeeded);
    g_test_add_func("/ready-set/a-barrier-holds-until-all-of-a-phase-has-ended",
                    test_a_barrier_holds_until_all_of_a_phase_has_ended);
    g_test_add_func("/ready-set/within-a-phase-the-strategy-decides",
                    test_within_a_phase_the_strategy_decides);
    g_test_add_func("/ready-set/tasks-behind-a-failure-are-blocked-and-others-go-on",
                    test_tasks_behind_a_failure_are_blocked_and_others_go_on);
    g_test_add_func("/ready-set/tasks-blocked-in-phases-not-begun-are-not-waited-for",
                    test_tasks_blocked_in_phases_not_begun_are_not_waited_for);
    g_test_add_func("/ready-set/a-phase-that-is-blocked-as-a-whole-does-not-begin",
                    test_a_phase_that_is_blocked_as_a_whole_does_not_begin);
    g_test_add_func("/ready-set/a-phase-in-the-middle-may-be-blocked",
                    test_a_phase_in_the_middle_may_be_blocked);
    g_test_add_func("/ready-set/without-keep-going-a-failure-stops-the-set",
                    test_without_keep_going_a_failure_stops_the_set);
    g_test_add_func("/ready-set/a-cancelled-task-stops-the-set-and-blocks-no-task",
                    test_a_cancelled_task_stops_the_set_and_blocks_no_task);
    g_test_add_func("/ready-set/a-stopped-set-starts-nothing-more",
                    test_a_stopped_set_starts_nothing_more);
    g_test_add_func("/ready-set/any-number-of-tasks-may-become-ready-at-once",
                    test_any_number_of_tasks_may_become_ready_at_once);
    g_test_add_func("/ready-set/a-task-waits-for-any-number-of-others",
                    test_a_task_waits_for_any_number_of_others);
    g_test_add_func("/ready-set/an-empty-set-is-done-at-once",
                    test_an_empty_set_is_done_at_once);
    return g_test_run();
}
